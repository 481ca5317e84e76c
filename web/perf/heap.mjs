/** Watches the memory of a page's script: the heap after everything unreachable was collected. */
export async function heapOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  return async () => {
    for (let round = 0; round < 3; round++) await session.send('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
    return usedSize + backingStorageSize;
  };
}

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
