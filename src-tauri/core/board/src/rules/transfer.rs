//! Moving an issue between the project that Git shares and `project-local`.

use super::events::{Payload, draft};
use super::record::id;
use super::refusal::Refusal;
use super::{Context, Edit, Edited, touch};
use crate::document::Document;
use crate::unit::Source;

pub(super) fn transfer(current: &Document, to: Source, context: &mut Context<'_>) -> Result<Edited, Refusal> {
    let own = id(current)?;
    let (from, refused, kind, payload) = match to {
        Source::Local => (
            Source::Shared,
            "issue is not in shared project",
            "issue_localized",
            Payload::Moved { from_location: "shared", to_location: "local" },
        ),
        Source::Shared => (
            Source::Local,
            "issue is not in project-local",
            "issue_promoted",
            Payload::Moved { from_location: "local", to_location: "shared" },
        ),
    };
    if context.around.issue(&own, from).is_none() {
        return Err(Refusal::rule(refused).hint("It may have been moved already."));
    }
    if context.around.issue(&own, to).is_some() {
        return Err(
            Refusal::rule("already exists").hint(format!("Another `{own}` lies there. Move that one first."))
        );
    }
    let mut document = current.clone();
    touch(&mut document, current, context)?;
    let events = if context.config.events { vec![draft(&own, kind, payload, context)] } else { Vec::new() };
    let inverse = Edit::Transfer { to: from };
    let changed = vec!["source".to_owned()];
    Ok(Edited { document, to: Some(to), events, inverse, changed, remarks: Vec::new() })
}
