//! What a user wants to be called at: the start and the end of a runtime, and its sleeps.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

type Hook = Arc<dyn Fn() + Send + Sync>;

/// The hooks of a runtime. They are foreign code, called with no borrow of ours held.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    thread_start: Option<Hook>,
    thread_stop: Option<Hook>,
    thread_park: Option<Hook>,
    thread_unpark: Option<Hook>,
}

impl Hooks {
    pub(super) fn set_thread_start(&mut self, hook: impl Fn() + Send + Sync + 'static) {
        self.thread_start = Some(Arc::new(hook));
    }

    pub(super) fn set_thread_stop(&mut self, hook: impl Fn() + Send + Sync + 'static) {
        self.thread_stop = Some(Arc::new(hook));
    }

    pub(super) fn set_thread_park(&mut self, hook: impl Fn() + Send + Sync + 'static) {
        self.thread_park = Some(Arc::new(hook));
    }

    pub(super) fn set_thread_unpark(&mut self, hook: impl Fn() + Send + Sync + 'static) {
        self.thread_unpark = Some(Arc::new(hook));
    }

    pub(super) fn thread_start(&self) {
        call(&self.thread_start);
    }

    /// The runtime is being dropped, where a panic would end the process.
    pub(super) fn thread_stop(&self) {
        // The panic hook has reported it.
        let _ = catch_unwind(AssertUnwindSafe(|| call(&self.thread_stop)));
    }

    pub(super) fn thread_park(&self) {
        call(&self.thread_park);
    }

    pub(super) fn thread_unpark(&self) {
        call(&self.thread_unpark);
    }
}

fn call(hook: &Option<Hook>) {
    if let Some(hook) = hook {
        hook();
    }
}
