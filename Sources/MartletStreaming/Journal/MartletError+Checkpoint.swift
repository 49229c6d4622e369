package import MartletCore

extension MartletError {
  /// The error for a damaged file of the checkpoint.
  package static func damagedCheckpoint(_ path: String, _ reason: String) -> MartletError {
    unusableCheckpoint("'\(path)' is damaged: \(reason)")
  }

  /// The error for a missing file of the checkpoint.
  package static func missingFromCheckpoint(_ path: String) -> MartletError {
    unusableCheckpoint("'\(path)' is missing")
  }

  private static func unusableCheckpoint(_ reason: String) -> MartletError {
    MartletError(
      .corruptData,
      """
      The checkpoint cannot be used: \(reason). Restore the file from a copy of the checkpoint, or start from \
      nothing in another folder.
      """)
  }
}
