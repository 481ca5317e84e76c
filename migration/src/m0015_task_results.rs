//! What a task leaves behind, where somebody asked for it: the answer of a source that was tested.

crate::dialect::migration!(
    "m0015_task_results",
    up: &["ALTER TABLE tasks ADD COLUMN result TEXT"],
    down: &["ALTER TABLE tasks DROP COLUMN result"]
);
