//! What the person's session offers the app: banners, a tray, a keyring. Nothing of it breaks a repository.

use hearsay_live::Surroundings;
use hearsay_live::session::{Part, PartState, Session};

use super::findings::Findings;

pub(super) fn look(surroundings: &Surroundings, findings: &mut Findings) {
    let Session { keyring, notifications, tray } = Session::look(surroundings);
    for (check, part) in [("notifications", notifications), ("tray", tray), ("keyring", keyring)] {
        tell(check, part, findings);
    }
}

fn tell(check: &'static str, part: Part, findings: &mut Findings) {
    match (part.state, part.hint) {
        (PartState::Ready, None) => findings.well(check, part.message),
        (_, hint) => findings.note(check, part.message, hint.unwrap_or_default()),
    }
}
