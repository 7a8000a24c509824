//! The real Kanbus beside us. `HEARSAY_KANBUS` names its program; without it these tests say so and pass.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::*;
use Source::Shared;

const IDS: [&str; 2] = ["k-0a1b2c3d-0000-4000-8000-000000000001", "k-0a1b2c3d-0000-4000-8000-000000000002"];

struct Kanbus {
    program: PathBuf,
    project: Project,
}

impl Kanbus {
    fn new() -> Option<Self> {
        let Some(program) = std::env::var_os("HEARSAY_KANBUS").map(PathBuf::from) else {
            println!("HEARSAY_KANBUS names no program; nothing is tried against the real Kanbus");
            return None;
        };
        let project = Project::new().and(&IDS.map(|id| (Shared, id)));
        Some(Self { program, project })
    }

    fn start(&self, arguments: &[&str]) -> Child {
        Command::new(&self.program)
            .args(arguments)
            .current_dir(self.project.dir.path())
            .env("HOME", self.project.dir.path())
            .env("KANBUS_USER", "kanbus")
            .env("KANBUS_REALTIME_BROKER", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn comments(&self, id: &str) -> BTreeSet<String> {
        let bytes = std::fs::read(self.project.file(Shared, id)).unwrap();
        let issue: Value = serde_json::from_slice(&bytes).unwrap();
        let comments = issue["comments"].as_array().unwrap().iter();
        comments.map(|comment| comment["text"].as_str().unwrap().to_owned()).collect()
    }
}

/// Whether the system says that `process` waits for somebody's lock.
#[cfg(target_os = "linux")]
fn waits_for_a_lock(process: &Child) -> bool {
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    let id = process.id().to_string();
    locks.lines().any(|line| line.contains("->") && line.split_whitespace().any(|word| word == id))
}

#[test]
#[cfg(target_os = "linux")]
fn kanbus_waits_for_our_lock_and_overwrites_nothing() {
    let Some(kanbus) = Kanbus::new() else { return };
    let (mut process, project) = (None, &kanbus.project);
    let written = project.writer.write(Target { place: &place(Shared), id: IDS[0] }, QUICK, |current| {
        let mut started = kanbus.start(&["comment", IDS[0], "theirs"]);
        let deadline = Instant::now() + Duration::from_secs(60);
        while !waits_for_a_lock(&started) {
            assert!(started.try_wait().unwrap().is_none(), "it waits for no lock");
            assert!(Instant::now() < deadline, "it never came to the lock");
            std::thread::yield_now();
        }
        process = Some(started);
        let bytes = marked(current.map(|current| &*current.bytes), IDS[0], "ours");
        Ok::<_, WriteError>(Change::Write { bytes, events: vec![event(IDS[0], "ours", "field_updated")] })
    });
    written.unwrap();
    let said = process.unwrap().wait_with_output().unwrap();
    // It had read the issue before, and finds it changed under the lock.
    assert!(!said.status.success());
    assert!(String::from_utf8_lossy(&said.stderr).contains("concurrent modification"));
    assert_eq!(project.marks(Shared, IDS[0]).unwrap().last().unwrap(), "ours");
    assert!(kanbus.comments(IDS[0]).is_empty());
}

#[test]
fn what_kanbus_and_we_write_at_once_is_all_there_and_kanbus_reads_it() {
    let Some(kanbus) = Kanbus::new() else { return };
    let project = &kanbus.project;
    let mut acknowledged: Vec<(&str, String)> = Vec::new();
    let (mut marks, mut refused) = (Vec::new(), 0);
    for round in 0..2 {
        let comments = (0..4).map(|number| (IDS[number % 2], format!("{round}-{number}")));
        let mut running: Vec<_> =
            comments.map(|(id, text)| (id, text.clone(), kanbus.start(&["comment", id, &text]))).collect();
        // We write for as long as any of them runs: to the one all the time, to the other now and then.
        while running.iter_mut().any(|(_, _, process)| process.try_wait().unwrap().is_none()) {
            let (id, mark) = (IDS[usize::from(marks.len() % 50 == 0)], format!("m-{}", marks.len()));
            append(&project.writer, (Shared, id), &mark, PATIENT).unwrap();
            marks.push((id, mark));
        }
        for (id, text, process) in running {
            match process.wait_with_output().unwrap() {
                said if said.status.success() => acknowledged.push((id, text)),
                said => {
                    let said = String::from_utf8_lossy(&said.stderr).into_owned();
                    assert!(said.contains("concurrent modification"), "{said}");
                    refused += 1;
                }
            }
        }
    }
    println!(
        "{} comments of Kanbus's and {} writes of ours; {refused} refused",
        acknowledged.len(),
        marks.len()
    );
    for (id, text) in &acknowledged {
        assert!(kanbus.comments(id).contains(text), "{id} {text}");
    }
    for id in IDS {
        let there: BTreeSet<String> = project.marks(Shared, id).unwrap().into_iter().collect();
        let ours = marks.iter().filter(|(whose, _)| *whose == id);
        let ours: BTreeSet<String> =
            ours.map(|(_, mark)| mark.clone()).chain([format!("{id}-made")]).collect();
        assert_eq!(there, ours, "{id}");
        assert!(project.told(Shared, id).is_superset(&ours), "{id}");
    }
    for arguments in [&["show", IDS[0]][..], &["list"]] {
        let said = kanbus.start(arguments).wait_with_output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    }
}
