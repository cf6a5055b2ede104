-- An upload that becomes a thumbnail or watermark is copied below its job's prefix: `picture_of` is that job, and the
-- event that requested it tells whether it really took the picture.
alter table upload add column picture_of uuid;
