//! What the packages bring is sound, and says the same in every system's words.
//!
//! Not here: making packages (`cargo xtask package`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hearsay_tests::peers;
use serde_json::Value;

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri").join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn config() -> Value {
    serde_json::from_str(&text("tauri.conf.json")).unwrap()
}

fn assert_accepts(command: &mut Command) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said));
}

/// The desktop entry as the bundler fills it in.
fn desktop_entry() -> String {
    let config = config();
    let association = config["bundle"]["fileAssociations"][0]["mimeType"].as_str().unwrap();
    let scheme = config["plugins"]["deep-link"]["desktop"]["schemes"][0].as_str().unwrap();
    let types = format!("{association};x-scheme-handler/{scheme}");
    let values = [
        ("name", "Hearsay"),
        ("comment", config["bundle"]["shortDescription"].as_str().unwrap()),
        ("categories", "Development;"),
        ("exec", "hearsay"),
        ("icon", "hearsay"),
        ("mime_type", &types),
    ];
    let template = text("linux/hearsay.desktop");
    values.iter().fold(template, |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

#[test]
fn the_desktop_entry_is_sound_and_opens_folders_documents_and_links() {
    let entry = desktop_entry();
    assert!(!entry.contains("{{"), "{entry}");
    for kind in ["inode/directory", "application/vnd.hearsay.kanbus+json", "x-scheme-handler/hearsay"] {
        let types = entry.lines().find_map(|line| line.strip_prefix("MimeType=")).unwrap();
        assert!(types.split(';').any(|one| one == kind), "{types}");
    }
    if let Some(validate) = peers::program("desktop-file-validate", "desktop-file-utils") {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("Hearsay.desktop");
        fs::write(&path, entry).unwrap();
        assert_accepts(Command::new(validate).arg(path));
    }
}

#[test]
fn software_centres_are_told_the_version_and_the_entry() {
    let metainfo = text("linux/dev.hearsay.app.metainfo.xml");
    let version = format!("<release version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(metainfo.contains(&version), "a release without its line");
    let id = format!("<id>{}</id>", config()["identifier"].as_str().unwrap());
    assert!(metainfo.contains(&id) && metainfo.contains(">Hearsay.desktop<"));
    if let Some(validate) = peers::program("appstreamcli", "appstream") {
        let path = file("linux/dev.hearsay.app.metainfo.xml");
        assert_accepts(Command::new(validate).args(["validate", "--no-net"]).arg(path));
    }
}

#[test]
fn the_system_knows_a_document_by_its_name() {
    let home = tempfile::tempdir().unwrap();
    let packages = home.path().join("packages");
    fs::create_dir(&packages).unwrap();
    fs::copy(file("linux/kanbus.mime.xml"), packages.join("hearsay.xml")).unwrap();
    let Some(update) = peers::program("update-mime-database", "shared-mime-info") else { return };
    assert_accepts(Command::new(update).arg(home.path()));
    let globs = fs::read_to_string(home.path().join("globs2")).unwrap();
    assert!(globs.contains(":application/vnd.hearsay.kanbus+json:*.kanbus\n"), "{globs}");
}

#[test]
fn every_system_calls_the_document_by_the_same_names() {
    let config = config();
    let association = &config["bundle"]["fileAssociations"][0];
    let names = |path: &[&str]| {
        let value = path.iter().fold(association, |value, key| &value[*key]);
        value.as_str().unwrap().to_owned()
    };
    let kind = names(&["mimeType"]);
    let uti = names(&["exportedType", "identifier"]);
    let class = names(&["name"]);
    for path in ["linux/kanbus.mime.xml", "linux/dev.hearsay.app.metainfo.xml", "macos/Info.plist"] {
        assert!(text(path).contains(&kind), "{path} says nothing of {kind}");
    }
    assert_eq!(text("macos/Info.plist").matches(&format!("<string>{uti}</string>")).count(), 2);
    for path in ["windows/hooks.nsh", "windows/folders.wxs"] {
        assert!(text(path).contains(&format!(r"Software\Classes\{class}\DefaultIcon")), "{path}");
    }
    assert_eq!(association["ext"][0], "kanbus");
    assert!(text("src/opening/document.rs").contains(r#"EXTENSION: &str = "kanbus""#));
    assert!(text("src/opening/link.rs").contains(r#"SCHEME: &str = "hearsay""#));
}
