internal import MartletCore
internal import MartletDuckDB

/// The writing of rows to a folder of files.
///
/// All files are written to a hidden folder beside the path, brought to disk, and then renamed.
struct FolderWrite {
  private let request: WriteRequest
  private let format: any FileFormat
  private let path: String
  /// The folder that is written before it has the name of the path.
  private let hidden: String
  /// Distinguishes the names of files from those of all other writes.
  private let unique = randomName()

  init(_ request: WriteRequest, _ format: any FileFormat) throws {
    self.request = request
    self.format = format
    guard let text = request.path else {
      throw FileOptions.fault("The path is missing: write it as the argument of save, or as the option path.")
    }
    path = normalizedPath(try localPath(text))
    guard !text.isEmpty, path != "/" else {
      throw FileOptions.fault("The path \(quotedPath(text)) is no folder that can be written. Name another one.")
    }
    guard request.mode != .overwrite || !FilePath(normalizedPath(".")).isWithin(FilePath(path)) else {
      throw FileOptions.fault(
        "The path \(quotedPath(text)) has the working folder of the program in it, which overwriting would remove. Name another one."
      )
    }
    hidden = hiddenSibling(of: path)
  }

  func run() throws {
    let columns = try WrittenColumns(request, permitsDuplicates: format.permitsDuplicateNames)
    var options = request.options
    let isDynamic = try replacesPartitionsAlone(&options)
    let encoding = try format.encoding(columns.data, options, request.session.state)
    try refuseOwnInput()
    let isTaken = try Folder.nameIsTaken(path)
    if isTaken {
      switch request.mode {
      case .ignore: return
      case .errorIfExists:
        throw AnalysisError(faults: [
          AnalysisFault(
            "PATH_ALREADY_EXISTS",
            "There is something at \(quotedPath(request.path ?? path)) already. Use the mode overwrite to replace it, or append to add files."
          )
        ])
      case .append:
        guard FileList.isFolder(path) else {
          throw FileOptions.fault("Files cannot be added to \(quotedPath(path)), which is a file and no folder.")
        }
      case .overwrite: break
      }
    }
    do {
      try Folder.create(parentFolder(path))
      try Folder.createOne(hidden)
      let files = try WrittenFiles(hidden, unique, encoding, columns).write(request)
      try bringToDisk(files)
      try publish(files, isTaken: isTaken, isDynamic: isDynamic)
    } catch {
      // The first error matters more than the rest of an unfinished folder.
      try? Folder.remove(hidden)
      throw error
    }
  }

  /// True if only the partitions that the rows have are replaced: Spark's dynamic mode.
  private func replacesPartitionsAlone(_ options: inout [String: String]) throws -> Bool {
    let key = "partitionOverwriteMode"
    let mode =
      options.removeValue(forKey: key.lowercased())
      ?? request.session.state.setting("spark.sql.sources.\(key)") ?? "static"
    switch mode.lowercased() {
    case "static": return false
    case "dynamic": return request.mode == .overwrite && !request.partitionColumns.isEmpty
    default: throw FileOptions.fault("The option \(key) is '\(mode)'. It can be static or dynamic.")
    }
  }

  /// Refuses to replace the files that the rows are read from.
  private func refuseOwnInput() throws {
    guard request.mode == .overwrite else { return }
    let folder = FilePath(path)
    let real = RealPath.of(path).map { FilePath($0) }
    let isRead = request.relation.locals.contains { table in
      table.files.contains { file in
        if FilePath(normalizedPath(file)).isWithin(folder) { return true }
        guard let real, let file = RealPath.of(file) else { return false }
        return FilePath(file).isWithin(real)
      }
    }
    guard isRead else { return }
    throw AnalysisError(faults: [
      AnalysisFault(
        "UNSUPPORTED_OVERWRITE.PATH",
        "The path \(quotedPath(request.path ?? path)) cannot be overwritten: the rows are read from it. Write to another path, or call cache() and an action first."
      )
    ])
  }

  // MARK: Publishing

  private func bringToDisk(_ files: [WrittenFile]) throws {
    for file in files { try SystemFile.read("\(hidden)/\(file.path)").synchronize() }
    var folders: Set<String> = []
    for file in files {
      var folder = file.folder
      while !folder.isEmpty, folders.insert(folder).inserted {
        try Folder.synchronize("\(hidden)/\(folder)")
        folder = folder.contains("/") ? parentFolder(folder) : ""
      }
    }
  }

  private func publish(_ files: [WrittenFile], isTaken: Bool, isDynamic: Bool) throws {
    if isTaken, isDynamic {
      try replacePartitions(Set(files.map(\.folder)).sorted())
    } else if isTaken, request.mode == .append {
      try add(files)
    } else {
      try Self.markSuccess(hidden)
      if request.mode == .overwrite { try Folder.replace(path, with: hidden) } else { try publishNew(files) }
    }
  }

  /// Gives the hidden folder its name. In the mode append, another program may have created it by now.
  private func publishNew(_ files: [WrittenFile]) throws {
    do { try Folder.publish(hidden, as: path) } catch let error as MartletError where error.code == .invalidState {
      switch request.mode {
      case .append: try add(files)
      case .ignore: try Folder.remove(hidden)
      default: throw error
      }
    }
  }

  /// Moves files into the folder. If one cannot be moved, those before it are removed.
  private func add(_ files: [WrittenFile]) throws {
    var added: [String] = []
    do {
      for file in files {
        let target = "\(path)/\(file.path)"
        if !file.folder.isEmpty { try Folder.create("\(path)/\(file.folder)") }
        try Folder.rename("\(hidden)/\(file.path)", to: target)
        added.append(target)
      }
      for folder in Set(files.map(\.folder)) {
        try Folder.synchronize(folder.isEmpty ? path : "\(path)/\(folder)")
      }
    } catch {
      // The first error matters more.
      for file in added { try? Folder.remove(file) }
      throw error
    }
    try finish()
  }

  /// Replaces folders of partitions, each in one step.
  private func replacePartitions(_ folders: [String]) throws {
    for folder in folders {
      try Folder.create(parentFolder("\(path)/\(folder)"))
      try Folder.replace("\(path)/\(folder)", with: "\(hidden)/\(folder)")
    }
    try finish()
  }

  private func finish() throws {
    try Self.markSuccess(path)
    try Folder.synchronize(path)
    try Folder.remove(hidden)
  }

  /// The empty file that marks a complete write.
  private static func markSuccess(_ folder: String) throws {
    let path = "\(folder)/_SUCCESS"
    guard try !Folder.nameIsTaken(path) else { return }
    _ = try SystemFile.create(path)
  }
}
