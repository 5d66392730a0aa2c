//! A run for how connections end, before the one that asks for it.
//!
//! Job: a message comes before its connection's end; what asks for the end of messages is answered
//! from a run over the files before. Input: arguments. Output: a [`Plan`] whose filter knows it.

use std::sync::Arc;

use super::args::Common;
use super::exit::Outcome;
use super::plan::{Plan, Source};
use super::run::fold;
use crate::filter::{Column, Ends};
use crate::session::Detail;

/// What most commands do; where a filter or one of `columns` asks how connections end, the files are
/// read for that first.
pub(super) fn planned<'a, 'b>(
    common: &'a Common,
    columns: impl IntoIterator<Item = &'b Column>,
) -> Outcome<Plan<'a>> {
    let mut plan = Plan::new(common)?;
    let of_filter = plan
        .filter
        .as_ref()
        .is_some_and(|filter| filter.needs_ends());
    let of_columns = columns.into_iter().any(Column::is_of_end);
    if !of_filter && !of_columns {
        return Ok(plan);
    }
    let what = "end, closed_by, end_code and silence are known when a connection is over, so that \
                captures are read twice for them";
    match plan.source {
        Source::Interface(_) => return Err(format!("{what}: not with -i").into()),
        Source::Files(_) if plan.inputs().is_none() => {
            return Err(format!("{what}: save what comes in a pipe to a file first").into());
        }
        Source::Files(_) => {}
    }
    let mut first = plan.clone();
    first.filter = None;
    // The second run says it.
    first.quiet = true;
    let (sinks, _) = fold(&first, Detail::Sizes, Ends::default)?;
    let mut all = Ends::default();
    for sink in sinks {
        all.merge(sink);
    }
    let all = Arc::new(all);
    plan.filter = plan.filter.map(|filter| {
        let filter = Arc::unwrap_or_clone(filter);
        Arc::new(filter.knowing(Arc::clone(&all)))
    });
    plan.ends = Some(all);
    Ok(plan)
}
