//! Small tables that follow from sizes alone: made once per size, kept for the next run.

use std::sync::{Arc, Mutex, PoisonError};

/// A run of photos has one or two sizes; more than this many tables are not worth their memory.
const MOST_KEPT: usize = 8;

/// The latest tables by what they were made from.
pub struct Memo<K, V>(Mutex<Vec<(K, Arc<V>)>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, V> Memo<K, V> {
    /// The table for `key`, made now if it is not among the kept ones.
    pub fn get<E>(&self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.iter().position(|(known, _)| *known == key) {
            let entry = kept.remove(at);
            let value = entry.1.clone();
            kept.push(entry);
            return Ok(value);
        }
        let value = Arc::new(make()?);
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push((key, value.clone()));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_made_once_until_newer_ones_push_it_out() {
        let (memo, made) = (Memo::default(), std::cell::Cell::new(0));
        let get = |key: usize| {
            let make = || -> Result<usize, ()> {
                made.set(made.get() + 1);
                Ok(key * key)
            };
            *memo.get(key, make).expect("tables that cannot fail")
        };
        assert_eq!((get(3), get(3), made.get()), (9, 9, 1));
        (10..10 + MOST_KEPT).for_each(|key| assert_eq!(get(key), key * key));
        assert_eq!((get(3), made.get()), (9, MOST_KEPT + 2));
    }

    #[test]
    fn a_failure_is_not_kept() {
        let memo = Memo::<u8, u8>::default();
        assert!(memo.get(1, || Err("no")).is_err());
        assert_eq!(memo.get(1, || Ok::<_, &str>(7)).map(|v| *v), Ok(7));
    }
}
