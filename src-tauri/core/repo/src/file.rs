//! Reading one file of a project, as a stranger's: bounded, never through a link that leads out, never a device.
//!
//! Not here: what the bytes mean (`folder`, `events`).

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use sha1::{Digest, Sha1};

/// The largest file that is read, in bytes.
pub(crate) const LARGEST: u64 = 8 << 20;

/// Twice what a file system's clock may take from one tick to the next.
const TICK: Duration = Duration::from_millis(20);

/// A Git object name.
pub(crate) type ObjectId = [u8; 20];

/// What a directory says of a file; where it is the same, the bytes are taken to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    size: u64,
    modified_ns: i128,
    is_link: bool,
    inode: u64,
    /// Permission bits count, because they decide whether the file can be read.
    mode: u32,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let modified =
            metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        #[cfg(unix)]
        let (inode, mode) = {
            use std::os::unix::fs::MetadataExt;
            (metadata.ino(), metadata.mode())
        };
        #[cfg(not(unix))]
        let (inode, mode) = (0, u32::from(metadata.permissions().readonly()));
        let modified_ns = modified.map_or(0, |time| time.as_nanos() as i128);
        Self { size: metadata.len(), modified_ns, is_link: metadata.is_symlink(), inode, mode }
    }

    /// When the file changed last.
    pub(crate) fn modified(&self) -> Timestamp {
        Timestamp::from_nanosecond(self.modified_ns).unwrap_or_default()
    }

    /// Whether it is a link, which says nothing of when its target changes.
    pub(crate) fn is_link(&self) -> bool {
        self.is_link
    }

    /// Whether the file changed less than `age` before `now`, or after it: `now` is when a look began. A file from the
    /// far future is not young: its clock is not ours.
    pub(crate) fn is_younger_than(&self, age: Duration, now: SystemTime) -> bool {
        let now = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_nanos() as i128);
        (now - self.modified_ns).unsigned_abs() < age.as_nanos()
    }

    /// The stamp of the directory at `path`, links resolved; `None` where it changed so shortly before `now` that
    /// another change might leave it the same.
    pub(crate) fn of_directory(path: &Path, now: SystemTime) -> Option<Self> {
        let stamp = std::fs::metadata(path).map(|metadata| Self::of(&metadata)).ok()?;
        Some(stamp).filter(|stamp| !stamp.is_younger_than(TICK, now))
    }

    /// The stamp of what stands at `path` itself, not of what a link there leads to.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        std::fs::symlink_metadata(path).map(|metadata| Self::of(&metadata))
    }
}

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It has so many bytes.
    TooLarge(u64),
    /// It is a link that leads out of the directory it may stand in.
    Outside,
    /// It is a directory, a device, a pipe.
    NotAFile,
    /// The system failed.
    Io(io::Error),
}

impl Unread {
    /// Whether there is nothing at the path.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == ErrorKind::NotFound)
    }
}

/// Reads the file at `path` into `bytes`, which is cleared first. A link is followed only to a file inside `within`,
/// which must be canonical.
pub(crate) fn read(path: &Path, within: &Path, bytes: &mut Vec<u8>) -> Result<Stamp, Unread> {
    bytes.clear();
    let file = match open(path) {
        Ok(file) => file,
        Err(_) if is_link(path) => return through_link(path, within, bytes),
        Err(error) => return Err(Unread::Io(error)),
    };
    fill(file, bytes)
}

fn through_link(path: &Path, within: &Path, bytes: &mut Vec<u8>) -> Result<Stamp, Unread> {
    // A link to nothing is something, and not a file.
    let Ok(target) = path.canonicalize() else { return Err(Unread::NotAFile) };
    if !target.starts_with(within) {
        return Err(Unread::Outside);
    }
    // The stamp is the link's own, which is what the directory will say again.
    fill(open(&target).map_err(Unread::Io)?, bytes)?;
    Stamp::at(path).map_err(Unread::Io)
}

fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

fn fill(mut file: File, bytes: &mut Vec<u8>) -> Result<Stamp, Unread> {
    let metadata = file.metadata().map_err(Unread::Io)?;
    if !metadata.is_file() {
        return Err(if metadata.is_symlink() { Unread::Outside } else { Unread::NotAFile });
    }
    if metadata.len() > LARGEST {
        return Err(Unread::TooLarge(metadata.len()));
    }
    // A file that grows meanwhile is written to, and will be looked at again.
    bytes.resize(usize::try_from(metadata.len()).unwrap_or_default(), 0);
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Unread::Io(error)),
        }
    }
    bytes.truncate(filled);
    Ok(Stamp::of(&metadata))
}

/// Opens without following a link and without waiting for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    if is_link(path) {
        return Err(io::Error::from(ErrorKind::InvalidInput));
    }
    OpenOptions::new().read(true).open(path)
}

/// The name that Git gives to `bytes` as a blob.
pub(crate) fn blob_id(bytes: &[u8]) -> ObjectId {
    let mut hasher = Sha1::new();
    hasher.update(format!("blob {}\0", bytes.len()));
    hasher.update(bytes);
    hasher.finalize().into()
}

/// The name of `bytes` as Git commits them where it turns line ends into LF, if they hold any CR LF.
pub(crate) fn blob_id_with_lf(bytes: &[u8]) -> Option<ObjectId> {
    // Most files have no CR at all, and finding that out is fast.
    if !bytes.contains(&b'\r') || !bytes.windows(2).any(|pair| pair == b"\r\n") {
        return None;
    }
    let mut lf = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(at + 1) == Some(&b'\n')) {
            lf.push(*byte);
        }
    }
    Some(blob_id(&lf))
}

/// An object name as text.
pub(crate) fn hex(id: &ObjectId) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first digits of an object name: enough to tell one state of a file from the next.
pub(crate) fn short(id: &ObjectId) -> Box<str> {
    id.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>().into()
}
