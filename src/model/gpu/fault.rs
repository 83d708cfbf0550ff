//! What tests let go wrong on a card, at the places where a driver would: a run has to survive each of them.

use std::sync::{Mutex, PoisonError};

/// One thing that goes wrong once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The card is taken away, at once.
    Lost,
    /// The next submission ends before it is done, and nobody says so.
    LeftOut,
    /// The next memory that is asked for is refused.
    NoMemory,
    /// The next kernel is one that the driver does not take.
    Kernel,
}

/// Those that are still to come.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub fn add(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// Whether it is this one's turn, which is over then.
    pub fn meets(&self, fault: Fault) -> bool {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = planned.iter().position(|planned| *planned == fault);
        found.map(|place| planned.swap_remove(place)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::software;
    use super::super::{Card, Checks, Function, Gpu, GpuError, Numbers, apply};
    use super::*;
    use std::sync::Arc;

    /// So many submissions, each of which adds one to what e to the power of nothing is.
    fn counted(gpu: &Arc<Gpu>, before: &[Option<Fault>]) -> Result<Vec<f32>, GpuError> {
        let (x, y) = (Numbers::upload(gpu, &[0.0; 8])?, Numbers::new(gpu, 8)?);
        for fault in before {
            fault.iter().for_each(|fault| gpu.suffer(*fault));
            apply(Function::ExpPlus(1.0), &x, &y)?;
            gpu.submit()?;
        }
        y.read()
    }

    fn open() -> Arc<Gpu> {
        Gpu::new(Card::open(&software()).expect("it opens"), Checks::Off)
    }

    #[test]
    fn work_that_is_left_out_is_heard_of_wherever_it_was_and_once() {
        let gpu = open();
        for place in 0..4 {
            let mut before = [None; 4];
            before[place] = Some(Fault::LeftOut);
            let error = counted(&gpu, &before).expect_err("left out");
            assert!(matches!(error, GpuError::LeftOut { asked, done } if done < asked), "{place}: {error}");
            assert_eq!(counted(&gpu, &[None; 3]), Ok(vec![2.0; 8]), "after {place}");
            assert_eq!(gpu.wait(), Ok(()));
        }
        gpu.suffer(Fault::LeftOut);
        assert_eq!(counted(&gpu, &[]).map(|values| values.len()), Ok(8), "nothing was asked for");
        counted(&gpu, &[None]).expect_err("its turn");
    }

    #[test]
    fn what_drivers_do_is_told_as_what_it_is() {
        let gpu = open();
        gpu.suffer(Fault::NoMemory);
        assert!(matches!(counted(&gpu, &[None]), Err(GpuError::OutOfMemory { .. })));
        gpu.suffer(Fault::Kernel);
        assert!(matches!(counted(&gpu, &[None]), Err(GpuError::Kernel { kernel: "each", .. })));
        assert_eq!(counted(&gpu, &[None]), Ok(vec![2.0; 8]), "each of them once");
        let lost = counted(&gpu, &[None, Some(Fault::Lost)]).expect_err("lost");
        assert!(matches!(lost, GpuError::Lost { .. }), "{lost}");
        assert!(matches!(gpu.wait(), Err(GpuError::Lost { .. })), "it stays so");
        assert_eq!(counted(&open(), &[None]), Ok(vec![2.0; 8]), "another one is as good as new");
        let lost = counted(&open(), &[Some(Fault::Lost)]).expect_err("lost before its first kernel");
        assert!(matches!(lost, GpuError::Lost { .. }), "{lost}");
    }
}
