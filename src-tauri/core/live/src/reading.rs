//! Reading a board once, without watching it.
//!
//! Not here: an open repository (`workspace`).

use std::path::Path;
use std::time::SystemTime;

use hearsay_board::{Board as Units, Observation};
use hearsay_repo::{WorkingTree, discover};

use crate::surroundings::{Part, Surroundings};
use crate::wire::{self, WireError};

/// How often a one-shot reader looks at a file that may be half written.
pub(crate) const AGAIN: std::time::Duration = std::time::Duration::from_millis(20);

/// How long a one-shot reader waits for such files altogether.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// A board that was read once.
#[derive(Debug)]
pub struct Reading {
    board: Units,
    /// Kept for its memory only, which a process about to end need not give back piece by piece.
    _tree: WorkingTree,
}

impl Reading {
    /// The board as `hear board` prints it.
    pub fn board(&self) -> wire::Board<'_> {
        let units = self.board.units();
        wire::Board { to: units.tag(), board: units }
    }
}

/// Reads the board of the repository at `path` once, without watching it.
///
/// # Errors
/// Where there is no repository.
pub fn read_board(
    path: &Path,
    clock: fn() -> SystemTime,
    surroundings: &Surroundings,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Reading, WireError> {
    let repository = discover(path)?;
    let overlays = surroundings.overlays(&repository, Part::Alone);
    let (mut tree, mut observations) = WorkingTree::new(repository, overlays, clock());
    let mut again = tree.load(clock(), progress, &mut observations).again;
    let patient_until = clock() + PATIENCE;
    while !again.is_empty() {
        std::thread::sleep(AGAIN);
        // Somebody who rewrites a broken file without end must not keep us: then it is taken as it is.
        let now = clock();
        let now = if now < patient_until { now } else { now + PATIENCE };
        again = tree.look(again, now, &mut observations).again;
    }
    let board = board_of(observations).map_err(|error| WireError::internal(&error))?;
    Ok(Reading { board, _tree: tree })
}

fn board_of(observations: Vec<Observation>) -> Result<Units, serde_json::Error> {
    let mut board = Units::default();
    for observation in observations {
        board.apply(observation)?;
    }
    board.settle()?;
    Ok(board)
}
