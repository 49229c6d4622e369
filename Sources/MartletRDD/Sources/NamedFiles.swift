import MartletCore

/// The files that an RDD reads: those that its paths name at the first action, or a list that was made before.
struct NamedFiles: Sendable {
  private let paths: InputPaths
  private let listed: [InputFile]?
  /// Those that a stream has found, if this is created in its closure.
  private let found: PlannedFiles?

  init(_ paths: InputPaths, listed: [InputFile]? = nil) {
    self.paths = paths
    self.listed = listed
    found = PlannedFiles.current
    found?.note(paths)
  }

  /// The files; those of a stream as it has found them.
  func list(_ site: OperatorSite) throws -> [InputFile] {
    if let listed { return listed }
    let files = try listInputFiles(paths, site)
    return found.map { files.map($0.found) } ?? files
  }
}
