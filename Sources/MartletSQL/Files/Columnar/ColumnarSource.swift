internal import MartletColumnar
internal import MartletCore
internal import MartletDuckDB
private import Synchronization

/// Files that the engine reads while Swift decodes them, part by part.
final class ColumnarSource<Files: ColumnarFiles>: VectorSource {
  private let files: Files
  private let paths: [String]
  /// For each file, the values of the columns that its folders add.
  private let folderValues: [[String]]
  private let size: Int
  let columns: [DuckField]

  init(_ files: Files, _ list: FileList) {
    self.files = files
    paths = list.files
    let keys = list.partitions.map(\.name)
    folderValues = list.files.map { path in keys.map { Self.folderValue(path, $0) } }
    columns =
      files.fields.enumerated().map { DuckField(Self.name($0), $1.type.duckType) }
      + keys.indices.map { DuckField(Self.name(files.fields.count + $0), .varchar) }
    size = paths.reduce(0) { sum, path in sum + ((try? FileFacts.ofFile(at: path)?.size) ?? 0) }
  }

  /// The name of a column in `FROM`: no column of a folder has it.
  private static func name(_ index: Int) -> String { "\u{1}\(index)" }

  /// The value that a folder such as `year=2024` in a path has for a key.
  private static func folderValue(_ path: String, _ key: String) -> String {
    for part in path.split(separator: "/").dropLast().reversed() {
      guard let sign = part.firstIndex(of: "="), unescapedFolderName(String(part[..<sign])) == key else { continue }
      return unescapedFolderName(String(part[part.index(after: sign)...]))
    }
    return FileList.null
  }

  /// The column of the source for a field of the files.
  func sql(_ index: Int) -> String { "f.\(quoted(Self.name(index)))" }

  /// The rows in `FROM`, called `f`, with the columns of folders by their names.
  func from(_ registration: SourceRegistration, _ list: FileList) -> String {
    let folders = list.partitions.enumerated().map { index, field in
      ", s.\(quoted(Self.name(files.fields.count + index))) AS \(quoted(field.name))"
    }
    return " FROM (SELECT s.*\(folders.joined()) FROM \(registration.sql) s) f"
  }

  func scan(_ wanted: [Int?]) throws -> any VectorScan {
    ColumnarScan(files, paths, folderValues, wanted.compactMap { $0 }, threads: min(64, 1 + size >> 20))
  }
}

/// One reading of the files.
private final class ColumnarScan<Files: ColumnarFiles>: VectorScan {
  let files: Files
  let paths: [String]
  let folderValues: [[String]]
  let wanted: [Int]
  let threads: Int

  private struct Position: Sendable {
    var file = -1
    var parts: Files.Parts?
  }

  private let position = Mutex(Position())

  init(_ files: Files, _ paths: [String], _ folderValues: [[String]], _ wanted: [Int], threads: Int) {
    self.files = files
    self.paths = paths
    self.folderValues = folderValues
    self.wanted = wanted
    self.threads = threads
  }

  func makeReader() throws -> any VectorReader { ColumnarScanReader(self) }

  /// The next part of any file, and the number of its file; `nil` at the end. Only one thread reads from the disk at a
  /// time.
  func next() throws -> (part: Files.Part, file: Int)? {
    try position.withLock { position in
      while true {
        if let part = try position.parts?.next() { return (part, position.file) }
        position.parts = nil
        guard position.file + 1 < paths.count else { return nil }
        position.file += 1
        position.parts = try files.parts(of: paths[position.file])
      }
    }
  }
}

/// The part of a reading that one thread does.
private final class ColumnarScanReader<Files: ColumnarFiles>: VectorReader {
  private let scan: ColumnarScan<Files>
  private var reader: (any ColumnarReader<Files.Part>)?
  /// The file of the reader.
  private var file = -1
  private var batch: ColumnarBatch?
  private var row = 0

  init(_ scan: ColumnarScan<Files>) { self.scan = scan }

  /// The rows that are decoded at once.
  private static var rowsPerBatch: Int { VectorOutput.capacity }
  /// The most bytes and elements of the rows of a chunk, if there is more than one.
  private static var largestWeight: Int { 1 << 24 }

  func read(into outputs: [VectorOutput]) throws -> Int {
    do { return try write(into: outputs) } catch let error as MartletError {
      throw error.worded("[FAILED_READ_FILE] \(error.message)")
    }
  }

  private func write(into outputs: [VectorOutput]) throws -> Int {
    while true {
      if let batch, row < batch.count {
        let columns = scan.wanted.map { $0 < batch.columns.count ? batch.columns[$0] : nil }
        var count = min(VectorOutput.capacity, batch.count - row)
        while count > 1, columns.reduce(0, { $0 + ($1?.weight(row, count) ?? 0) }) > Self.largestWeight { count /= 2 }
        for (position, index) in scan.wanted.enumerated() {
          if index >= scan.files.fields.count {
            var value = scan.folderValues[file][index - scan.files.fields.count]
            value.withUTF8 { text in
              for row in 0..<count { outputs[position].store(UnsafeRawBufferPointer(text), row) }
            }
          } else if let column = columns[position] {
            do { try column.write(row, count, to: outputs[position]) } catch let damage as ColumnarDamage {
              throw MartletError(
                .corruptData,
                "Cannot read the file '\(scan.paths[file])': the column '\(scan.files.fields[index].name)': \(damage).")
            }
          }
        }
        row += count
        return count
      }
      row = 0
      batch = try reader?.next(Self.rowsPerBatch)
      if batch != nil { continue }
      guard let (part, file) = try scan.next() else { return 0 }
      if reader == nil || file != self.file {
        let wanted = scan.files.fields.indices.map { scan.wanted.contains($0) }
        reader = try scan.files.makeReader(for: part, wanted: wanted)
        self.file = file
      }
      try reader?.begin(part)
    }
  }
}
