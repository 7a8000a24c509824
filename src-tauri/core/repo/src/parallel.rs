//! Reading many files with a few threads, in the order they were asked for. Few files are read without starting one.

use std::iter::Flatten;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::vec::IntoIter;

/// More threads than this only wait for the same disk.
const MOST_THREADS: usize = 8;
/// How many items a thread takes at a time.
const CHUNK: usize = 64;

/// Runs `work` on every item, with a state of its own in each thread, and returns what it made in the order of the
/// items. `progress` hears how many items are done.
pub(crate) fn map<T: Sync, S: Default, R: Send>(
    items: &[T],
    work: impl Fn(&T, &mut S) -> R + Sync,
    progress: &(dyn Fn(usize) + Sync),
) -> Flatten<IntoIter<Vec<R>>> {
    let chunks = items.len().div_ceil(CHUNK);
    // Asking the system takes longer than reading a file.
    let threads = match chunks {
        0 | 1 => 1,
        _ => std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS),
    };
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let made: Mutex<Vec<(usize, Vec<R>)>> = Mutex::new(Vec::new());
    let run = || {
        let mut state = S::default();
        loop {
            let from = next.fetch_add(CHUNK, Ordering::Relaxed);
            let Some(chunk) =
                items.get(from..items.len().min(from + CHUNK)).filter(|chunk| !chunk.is_empty())
            else {
                break;
            };
            let results = chunk.iter().map(|item| work(item, &mut state)).collect();
            made.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((from, results));
            progress(done.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len());
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(chunks) {
            scope.spawn(run);
        }
        run();
    });
    let mut made = made.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    made.sort_unstable_by_key(|(from, _)| *from);
    let made: Vec<Vec<R>> = made.into_iter().map(|(_, results)| results).collect();
    made.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        let doubled: Vec<usize> = super::map(&items, |item, (): &mut ()| item * 2, &|_| ()).collect();
        assert!(doubled.iter().zip(&items).all(|(double, item)| *double == item * 2));
        assert_eq!(doubled.len(), items.len());
    }
}
