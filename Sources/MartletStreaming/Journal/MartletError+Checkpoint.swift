package import MartletCore

extension MartletError {
  /// The refusal of a file of the checkpoint that is damaged.
  package static func damagedCheckpoint(_ path: String, _ reason: String) -> MartletError {
    unusableCheckpoint("'\(path)' is damaged: \(reason)")
  }

  /// The refusal of a checkpoint of which a file is missing.
  package static func missingFromCheckpoint(_ path: String) -> MartletError {
    unusableCheckpoint("'\(path)' is missing")
  }

  private static func unusableCheckpoint(_ reason: String) -> MartletError {
    MartletError(
      .corruptData,
      """
      The checkpoint cannot be used: \(reason). Put the file back from a copy of the checkpoint; or, to begin from \
      nothing, name another folder.
      """)
  }
}
