export { BatchError } from './batch-error.ts';
export { type BucketOptions, bucketByLength } from './bucket-by-length.ts';
export { type PackedMember, packRows } from './pack-rows.ts';
export { paddingShare } from './padding-share.ts';
