/// Where the partitions of a persisted RDD are kept.
public enum StorageLevel: Sendable, Equatable {
  /// In memory. Partitions for which there is no room are computed again when they are needed.
  case memoryOnly
  /// In memory; partitions for which there is no room are written to disk.
  case memoryAndDisk
  /// On disk.
  case diskOnly
}
