package import MartletCore

extension RDD {
  /// Runs a job that writes one file for each partition into a folder, which appears whole or not at all.
  ///
  /// The files are written into a hidden folder beside the final one and brought to the disk; then the folder is
  /// renamed. If anything fails it is removed. A process that is killed may leave it behind, under its hidden name.
  package func writeFolder(
    _ path: String, replacing: Bool, _ site: OperatorSite,
    _ write: @escaping @Sendable (ChunkReader<Element>, SystemFile) throws -> Void
  ) throws {
    try context.refuseInsideTask(site.name, site)
    guard !path.isEmpty else {
      throw MartletError(.invalidArgument, "\(site.name) at \(site.callSite): the path is empty.")
    }
    let target = withoutTrailingSlashes(path)
    if !replacing, try Folder.nameIsTaken(target) {
      throw MartletError(
        .invalidState,
        "\(site.name) at \(site.callSite): '\(target)' exists already. Remove it, or choose another path.")
    }
    let staging = hiddenSibling(of: target)
    do {
      try Folder.create(staging)
      _ = try context.runJob(self, site) { reader in
        let partition = TaskContext.current?.partitionID ?? 0
        let file = try SystemFile.create("\(staging)/\(partFileName(partition))")
        try write(reader, file)
        try file.synchronize()
      }
      try SystemFile.create("\(staging)/_SUCCESS").synchronize()
      if replacing {
        try Folder.replace(target, with: staging)
      } else {
        try Folder.publish(staging, as: target)
      }
    } catch {
      // What went wrong first is what the caller must know.
      try? Folder.remove(staging)
      throw error
    }
  }
}

/// The name of a partition's file: `part-00000`.
private func partFileName(_ partition: Int) -> String {
  let digits = String(partition)
  return "part-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
}
