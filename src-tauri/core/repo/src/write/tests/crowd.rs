//! Many writers at once: threads, processes, and Kanbus where it is installed.

use std::io::{BufRead, BufReader};

use super::killed::spawn;
use super::*;
use Source::Shared;

const ISSUES: usize = 20;
const ROOM: &str = "HEARSAY_TEST_ONE_OF_THE_CROWD";

fn write_all(writer: &Writer, name: &str) -> Vec<(String, String)> {
    let write = |number: usize| {
        let (id, mark) = (format!("k-{}", number * 7 % ISSUES), format!("{name}-{number}"));
        append(writer, (Shared, &id), &mark, PATIENT).unwrap();
        (id, mark)
    };
    (0..count(50, 250)).map(write).collect()
}

/// One of the writers, where a test has started it for that.
#[test]
fn a_process_of_the_crowd() {
    let Ok(room) = std::env::var(ROOM) else { return };
    let (root, name) = room.rsplit_once('#').unwrap();
    for (id, mark) in write_all(&writer(Path::new(root)), name) {
        println!("\nwrote {id} {mark}");
    }
}

#[test]
fn nothing_that_was_acknowledged_to_eight_writers_is_lost() {
    let project = Project::new();
    for number in 0..ISSUES {
        project.append(Shared, &format!("k-{number}"), "made").unwrap();
    }
    let mut acknowledged: Vec<(String, String)> = std::thread::scope(|scope| {
        let root = project.dir.path();
        let processes = (0..4).map(|number| {
            let mut child =
                spawn("crowd::a_process_of_the_crowd", ROOM, &format!("{}#p{number}", root.display()));
            scope.spawn(move || {
                let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
                let words = |line: String| {
                    let (id, mark) = line.strip_prefix("wrote ")?.split_once(' ')?;
                    Some((id.to_owned(), mark.to_owned()))
                };
                let wrote: Vec<_> = lines.filter_map(words).collect();
                assert!(child.wait().unwrap().success());
                wrote
            })
        });
        let processes: Vec<_> = processes.collect();
        let threads: Vec<_> = (0..4)
            .map(|number| scope.spawn(move || write_all(&writer(root), &format!("t{number}"))))
            .collect();
        processes.into_iter().chain(threads).flat_map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(acknowledged.len(), 8 * count(50, 250));
    acknowledged.extend((0..ISSUES).map(|number| (format!("k-{number}"), "made".to_owned())));
    for number in 0..ISSUES {
        let id = format!("k-{number}");
        let of = acknowledged.iter().filter(|(whose, _)| *whose == id);
        let expected: BTreeSet<String> = of.map(|(_, mark)| mark.clone()).collect();
        let marks: BTreeSet<String> = project.marks(Shared, &id).unwrap().into_iter().collect();
        // A new issue of that name has been made by nobody else, so each mark is there once.
        assert_eq!(marks, expected, "{id}");
        let told = project.told(Shared, &id);
        assert!(expected.iter().filter(|mark| *mark != "made").all(|mark| told.contains(mark)), "{id}");
    }
    assert!(project.left().is_empty());
}
