import MartletCore

/// The files that batches have been given, as the log of a checkpoint holds them.
struct FilePlans: Sendable {
  /// Files that a batch was given before a restart.
  private var restored: [Time: [SeenFile]] = [:]
  /// Not yet taken for the log.
  private var untaken: [(time: Time, files: [SeenFile])] = []
  private var log: InputLog?

  var isKept: Bool { log != nil }
  /// Whether a missing file is left out, and no failure.
  var leavesOutMissing: Bool { log?.leavesOutMissing ?? false }

  mutating func keep(_ log: InputLog) { self.log = log }

  mutating func note(_ files: [SeenFile], at time: Time) {
    if isKept && !files.isEmpty { untaken.append((time, files)) }
  }

  mutating func takeAll() -> [InputPlan] {
    defer { untaken = [] }
    return untaken.map { InputPlan(time: $0.time, records: $0.files.count, bytes: encoded($0.files)) }
  }

  mutating func restore(_ files: [SeenFile], at time: Time) { restored[time, default: []] += files }

  /// The files of a batch that was planned before the restart; `nil` for a new batch.
  func planned(at time: Time) -> [SeenFile]? {
    guard let through = log?.plannedThrough, time <= through else { return nil }
    return restored[time] ?? []
  }

  mutating func forget(through time: Time) {
    guard !restored.isEmpty else { return }
    restored = restored.filter { $0.key > time }
  }

  /// Paths of the files that a batch has been given and the log has not.
  var untakenPaths: Set<String> { Set(untaken.flatMap { $0.files.map(\.path) }) }
}

/// The version of what `encoded` writes. Before 2 it was not known when a file was made.
private let formatVersion: UInt8 = 2

/// Files, for the log.
func encoded(_ files: [SeenFile]) -> ByteBuffer {
  let out = ByteBuffer()
  out.append(formatVersion)
  out.append(variable: UInt64(files.count))
  for file in files {
    out.append(file.path)
    out.append(fixed: Int64(file.size))
    out.append(fixed: file.modified)
    out.append(fixed: file.changed)
    out.append(fixed: file.inode)
    out.append(fixed: file.born)
  }
  return out
}

/// Files that `encoded` has written.
package func decodedFiles(_ bytes: UnsafeRawBufferPointer) throws -> [SeenFile] {
  var reader = ByteReader(bytes)
  let version = try reader.fixed(UInt8.self)
  guard (1...formatVersion).contains(version) else {
    throw ByteReader.Malformed(reason: "a list of files has a version that this program does not know")
  }
  var files: [SeenFile] = []
  for _ in 0..<(try reader.count(minimumSize: version == 1 ? 33 : 41)) {
    var file = SeenFile(
      path: try reader.string(), size: Int(try reader.fixed(Int64.self)), modified: try reader.fixed(Int64.self),
      changed: try reader.fixed(Int64.self), inode: try reader.fixed(UInt64.self))
    if version > 1 { file.born = try reader.fixed(Int64.self) }
    files.append(file)
  }
  try reader.expectEnd()
  return files
}

extension FolderProgress {
  /// Files that are not to be read any more, with what was seen of them; those that were only left out have no inode.
  func settled(without untaken: Set<String>) -> [SeenFile] {
    known.compactMap { path, standing in
      switch standing {
      case .ignored: SeenFile(path: path, size: 0, modified: 0, changed: 0, inode: 0)
      case .taken(let file): untaken.contains(path) ? nil : file
      case .growing, .waiting: nil
      }
    }
  }

  /// Goes back to what `settled` has given.
  mutating func restore(_ files: [SeenFile]) {
    forgetAll()
    for file in files { note(file.path, file.inode == 0 ? .ignored : .taken(file)) }
  }

  /// Takes note of files that a batch was given.
  mutating func noteTaken(_ files: [SeenFile]) {
    for file in files { note(file.path, .taken(file)) }
  }
}
