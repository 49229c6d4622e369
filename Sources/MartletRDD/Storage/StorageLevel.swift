/// The place where the partitions of a persisted RDD are stored.
public enum StorageLevel: Sendable, Equatable {
  /// In memory. Partitions that do not fit are computed again when needed.
  case memoryOnly
  /// In memory. Partitions that do not fit, or are evicted, are written to disk.
  case memoryAndDisk
  /// On disk, chunk by chunk as they are computed.
  case diskOnly
}
