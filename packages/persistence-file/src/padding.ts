/**
 * The length a log file should have before a batch is written at `position`, when it is `fileBytes` long (Java:
 * FilePadding.calculateFileSizeWithPadding): another `preAllocBytes` once the batch begins within 4 KiB of the end.
 */
export function paddedLength(position: number, fileBytes: number, preAllocBytes: number): number {
  if (preAllocBytes <= 0 || position + 4096 < fileBytes) return fileBytes;
  if (position <= fileBytes) return fileBytes + preAllocBytes;
  const beyond = position + preAllocBytes;
  return beyond - (beyond % preAllocBytes);
}
