; What the installer does beyond Tauri's own: "Open with Hearsay" on folders, and an icon of their own for documents.
; The uninstaller takes back only what points at this very installation.

!define FOLDER_VERB "Software\Classes\Directory\shell\${PRODUCTNAME}"
!define INSIDE_VERB "Software\Classes\Directory\Background\shell\${PRODUCTNAME}"

!macro ADD_FOLDER_VERB KEY PLACE
  WriteRegStr SHCTX "${KEY}" "" "Open with ${PRODUCTNAME}"
  WriteRegStr SHCTX "${KEY}" "Icon" "$\"$INSTDIR\${MAINBINARYNAME}.exe$\",0"
  WriteRegStr SHCTX "${KEY}\command" "" "$\"$INSTDIR\${MAINBINARYNAME}.exe$\" $\"${PLACE}$\""
!macroend

!macro REMOVE_FOLDER_VERB KEY PLACE
  ReadRegStr $R7 SHCTX "${KEY}\command" ""
  ${If} $R7 == "$\"$INSTDIR\${MAINBINARYNAME}.exe$\" $\"${PLACE}$\""
    DeleteRegKey SHCTX "${KEY}"
  ${EndIf}
!macroend

!macro NSIS_HOOK_POSTINSTALL
  !insertmacro ADD_FOLDER_VERB "${FOLDER_VERB}" "%1"
  !insertmacro ADD_FOLDER_VERB "${INSIDE_VERB}" "%V"
  ; The class is the name of the file association in tauri.conf.json.
  WriteRegStr SHCTX "Software\Classes\Hearsay.kanbus\DefaultIcon" "" "$\"$INSTDIR\document.ico$\""
  !insertmacro UPDATEFILEASSOC
!macroend

!macro NSIS_HOOK_POSTUNINSTALL
  !insertmacro REMOVE_FOLDER_VERB "${FOLDER_VERB}" "%1"
  !insertmacro REMOVE_FOLDER_VERB "${INSIDE_VERB}" "%V"
  !insertmacro UPDATEFILEASSOC
!macroend
