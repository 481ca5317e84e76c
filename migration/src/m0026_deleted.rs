//! Sources and providers that are deleted, and sources that are made over the API. What is deleted stays as a row nobody sees,
//! under its slug, a tilde and its id, because answers and histories bear it; the slug is free for another.

crate::dialect::migration!(
    "m0026_deleted",
    up: &[
        "ALTER TABLE providers ADD COLUMN deleted_at BIGINT",
        "ALTER TABLE sources ADD COLUMN deleted_at BIGINT",
        // Of a source that was made over the API: the program's source whose protocol it speaks, and where it is asked.
        "ALTER TABLE sources ADD COLUMN adapter TEXT",
        "ALTER TABLE sources ADD COLUMN base_url TEXT",
        // True of a source of the program that can be asked at another place.
        "ALTER TABLE sources ADD COLUMN movable BOOLEAN NOT NULL DEFAULT false",
    ],
    down: &[
        "ALTER TABLE sources DROP COLUMN movable",
        "ALTER TABLE sources DROP COLUMN base_url",
        "ALTER TABLE sources DROP COLUMN adapter",
        "ALTER TABLE sources DROP COLUMN deleted_at",
        "ALTER TABLE providers DROP COLUMN deleted_at",
    ]
);
