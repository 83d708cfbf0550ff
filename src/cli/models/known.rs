//! Models by what people call them, and what people are told of which there are.

use crate::catalog::{self, Entry, ModelId};

/// The model of this id, or what to say where there is none.
pub(in crate::cli) fn known(id: &str) -> Result<&'static Entry, String> {
    catalog::find(&ModelId(id.into())).ok_or_else(|| {
        let known: Vec<_> = catalog::entries().iter().map(|entry| entry.id).collect();
        format!("There is no model '{id}'. Known models: {}.", known.join(", "))
    })
}

/// The ids of the models that have something, as a person would list them: "a, b or c".
pub(in crate::cli) fn those(has: fn(&Entry) -> bool) -> String {
    let ids: Vec<&str> = catalog::entries().iter().filter(|entry| has(entry)).map(|entry| entry.id).collect();
    match ids.split_last() {
        Some((last, [])) => (*last).into(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
