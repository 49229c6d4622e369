import MartletCore
import MartletStreaming

/// The files assigned to batches, as in the log of a checkpoint.
struct FilePlans: Sendable {
  /// Files assigned to a batch before a restart.
  private var restored: [Time: [SeenFile]] = [:]
  /// Files that have not been taken for the log yet.
  private var untaken: [(time: Time, files: [SeenFile])] = []
  private var log: InputLog?

  var isKept: Bool { log != nil }
  /// True if a missing file is skipped, and does not fail the batch.
  var leavesOutMissing: Bool { log?.leavesOutMissing ?? false }

  mutating func keep(_ log: InputLog) { self.log = log }

  mutating func note(_ files: [SeenFile], at time: Time) {
    if isKept && !files.isEmpty { untaken.append((time, files)) }
  }

  mutating func takeAll() -> [(time: Time, files: [SeenFile])] {
    defer { untaken = [] }
    return untaken
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

  /// Files that have been assigned to a batch but are not in the log yet.
  var untakenFiles: [SeenFile] { untaken.flatMap(\.files) }
}

/// The version of the format of `FileList`.
private let formatVersion: UInt8 = 1

/// Files in the log of a checkpoint: identified by their paths below the stream's folder, so that they are the same
/// files however the folder is spelled, and wherever it has been moved.
package struct FileList: Sendable, Equatable {
  /// The absolute path of the folder when the list was written.
  package var folder: String
  package var files: [SeenFile] = []
  /// Files that were read or skipped and are no longer in their place.
  package var departed: [SeenFile] = []

  func encoded() -> ByteBuffer {
    let out = ByteBuffer()
    out.append(formatVersion)
    out.append(folder)
    for list in [files, departed] {
      out.append(variable: UInt64(list.count))
      for file in list {
        out.append(file.path.text)
        out.append(fixed: Int64(file.facts.size))
        for time in [file.facts.modified, file.facts.changed, file.facts.born] { out.append(fixed: time) }
        for number in [file.facts.inode, file.facts.device] { out.append(fixed: number) }
        out.append(file.facts.isBirthUnique ? 1 : 0)
      }
    }
    return out
  }

  package init(folder: String, files: [SeenFile], departed: [SeenFile] = []) {
    self.folder = folder
    self.files = files
    self.departed = departed
  }

  /// Reads a list written by `encoded`.
  package init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    guard try reader.fixed(UInt8.self) == formatVersion else {
      throw ByteReader.Malformed(reason: "a list of files has a version that this program does not support")
    }
    folder = try reader.string()
    files = try Self.files(&reader)
    departed = try Self.files(&reader)
    try reader.expectEnd()
  }

  private static func files(_ reader: inout ByteReader) throws -> [SeenFile] {
    var files: [SeenFile] = []
    for _ in 0..<(try reader.count(minimumSize: 50)) {
      let path = try reader.string()
      let size = Int(try reader.fixed(Int64.self))
      let (modified, changed) = (try reader.fixed(Int64.self), try reader.fixed(Int64.self))
      let born = try reader.fixed(Int64.self)
      let (inode, device) = (try reader.fixed(UInt64.self), try reader.fixed(UInt64.self))
      var facts = FileFacts(
        size: size, modified: modified, changed: changed, inode: inode, device: device, born: born)
      facts.isBirthUnique = try reader.fixed(UInt8.self) != 0
      files.append(SeenFile(path: FilePath(path), facts: facts))
    }
    return files
  }
}

/// The files of a list, with their absolute paths.
package func decodedFiles(_ bytes: UnsafeRawBufferPointer) throws -> [SeenFile] {
  let list = try FileList(bytes)
  return list.files.map { file in
    var file = file
    if !file.path.isAbsolute { file.path = FilePath(file.path.text, in: FilePath(list.folder)) }
    return file
  }
}

extension FolderProgress {
  /// Files that will not be read again: existing ones, without those in `untaken`, and departed ones.
  func settled(without untaken: [SeenFile]) -> (files: [SeenFile], departed: [SeenFile]) {
    let paths = Set(untaken.map(\.path))
    let numbers = Set(untaken.map(\.facts.number))
    let files = known.values.compactMap { standing -> SeenFile? in
      guard case .taken(let file) = standing else { return nil }
      // Including one that has been renamed since.
      return paths.contains(file.path) || numbers.contains(file.facts.number) ? nil : file
    }
    return (files, departed.files)
  }
}
