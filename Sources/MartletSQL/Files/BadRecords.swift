internal import Logging
internal import MartletCore
internal import MartletDuckDB
private import Synchronization

/// The records of files that do not parse: one object for each reading of files whose mode drops them, keeps them aside,
/// or fails.
///
/// The function `martlet_bad_record(id, file, position, text)` of SQL takes one, and answers whether it is a row of the
/// result.
final class BadRecords: Sendable {
  enum Treatment: Sendable {
    case drop
    case fail
    /// Records are written to a folder.
    case keep(folder: String)
  }

  private struct State {
    var count = 0
    var file: SystemFile?
    var folder: String?
  }

  let id: Int64
  private let treatment: Treatment
  private let paths: [String]
  /// The files, if they have lines.
  private let lines: LineFiles?
  private let logger: Logger
  private let state = Mutex(State())

  private struct Entry {
    weak var records: BadRecords?
  }

  private static let all = Mutex<[Int64: Entry]>([:])
  private static let last = Atomic<Int64>(0)

  init(_ treatment: Treatment, _ paths: [String], _ lines: LineFiles?, _ logger: Logger) {
    self.treatment = treatment
    self.paths = paths
    self.lines = lines
    self.logger = logger
    id = Self.last.add(1, ordering: .relaxed).newValue
    Self.all.withLock { $0[id] = Entry(records: self) }
  }

  deinit {
    _ = Self.all.withLock { $0.removeValue(forKey: id) }
    let (count, folder) = state.withLock { ($0.count, $0.folder) }
    guard count > 0 else { return }
    let place = listed(paths.map(quotedPath), limit: 3)
    switch treatment {
    case .fail: break
    case .drop:
      logger.warning("\(count) records in \(place) did not parse, and were dropped by the mode DROPMALFORMED")
    case .keep:
      logger.warning("\(count) records in \(place) did not parse, and are in \(folder.map(quotedPath) ?? "no folder")")
    }
  }

  /// Takes a record; returns `false` because it is no row.
  private func take(_ file: Int?, _ position: Int?, _ text: String) throws -> Bool {
    switch treatment {
    case .drop: state.withLock { $0.count += 1 }
    case .fail: throw failure(file, position, text)
    case .keep(let folder): try keep(file, position, text, folder)
    }
    return false
  }

  private func path(_ file: Int?) -> String? { file.flatMap { paths.indices.contains($0) ? paths[$0] : nil } }

  private func failure(_ file: Int?, _ position: Int?, _ text: String) -> Failure {
    var place = path(file).map { " in \(quotedPath($0))" } ?? ""
    if let lines, let file, let position, let number = try? lines.lineNumber(file: file, position: position) {
      place = " in line \(number) of \(quotedPath(lines.files[file].path))"
    }
    return Failure(
      description:
        "[MALFORMED_RECORD_IN_PARSING] The record\(place) does not parse: \(text.prefix(200)). With the mode PERMISSIVE, its fields would be NULL."
    )
  }

  private struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private static let ended = "The reading of files has ended, although a record of them is read."

  /// Writes a record as a line of JSON.
  private func keep(_ file: Int?, _ position: Int?, _ text: String, _ folder: String) throws {
    var fields = ["\"path\":\(EngineFunctions.jsonText(path(file) ?? ""))"]
    if let position { fields.append("\"position\":\(position)") }
    fields.append("\"record\":\(EngineFunctions.jsonText(text))")
    fields.append("\"reason\":\"The record does not parse.\"")
    let line = Array("{\(fields.joined(separator: ","))}\n".utf8)
    try state.withLock { state in
      let output = try state.file ?? create(folder, &state)
      try output.write(line)
      state.count += 1
    }
  }

  private func create(_ folder: String, _ state: inout State) throws -> SystemFile {
    let now = SQLTimestamp(microseconds: Int64(Time.now.milliseconds) * 1000).description
    let name = now.prefix(19).filter { $0 != "-" && $0 != ":" }.replacing(" ", with: "T")
    let path = "\(folder)/\(name)/bad_records"
    try Folder.create(path)
    let file = try SystemFile.create("\(path)/part-00000-\(randomName())")
    state.folder = path
    state.file = file
    return file
  }

  /// The function of the engine.
  static let function = ScalarFunction("martlet_bad_record", isDeterministic: false) {
    (id: Int64, file: Int32?, position: Int64?, text: String?) throws -> Bool in
    guard let records = all.withLock({ $0[id]?.records }) else { throw Failure(description: ended) }
    return try records.take(file.map { Int($0) }, position.map { Int($0) }, text ?? "")
  }
}
