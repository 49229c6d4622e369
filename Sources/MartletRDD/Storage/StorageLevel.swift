/// Where the partitions of a persisted RDD are kept.
public enum StorageLevel: Sendable, Equatable {
  /// In memory. Partitions for which there is no room are computed again when they are needed.
  case memoryOnly
  /// In memory; partitions for which there is no room, or that make room for others, are written to disk.
  case memoryAndDisk
  /// On disk, chunk by chunk as they are computed.
  case diskOnly
}
