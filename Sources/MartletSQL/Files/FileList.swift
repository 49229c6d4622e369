internal import MartletCore

#if canImport(Glibc)
  private import Glibc
#elseif canImport(Musl)
  private import Musl
#elseif canImport(Darwin)
  private import Darwin
#endif

/// The files that the paths of a plan name, and the columns that their folders add.
struct FileList {
  /// Sorted by name within each path.
  var files: [String] = []
  /// The columns of folders such as `year=2024`, from the outer to the inner.
  var partitions: [StructField] = []

  /// - Throws: `AnalysisError` if a path names nothing; `MartletError` if a folder cannot be read.
  init(_ paths: [String], inferringTypes: Bool = true) throws {
    guard !paths.isEmpty else { throw FileOptions.fault("There are no paths: name files or a folder.") }
    var values: [[(key: String, value: String)]] = []
    for text in paths {
      let path = try localPath(text)
      let found = try Self.isThere(path) ? [path] : try Self.glob(path)
      guard !found.isEmpty else {
        throw AnalysisError(faults: [
          AnalysisFault("PATH_NOT_FOUND", "The path does not exist: \(quotedPath(text)). Name a file or a folder.")
        ])
      }
      for path in found {
        if Self.isFolder(path) {
          try add(withoutTrailingSlashes(path), [], &values)
        } else {
          files.append(path)
          values.append([])
        }
      }
    }
    let keys = values.first?.map(\.key) ?? []
    guard values.allSatisfy({ $0.map(\.key) == keys }) else {
      throw FileOptions.fault(
        "The folders do not have the same partition columns: all files must be in folders such as year=2024 with the same keys. Read them apart."
      )
    }
    partitions = keys.indices.map { column in
      let texts = values.map { $0[column].value }.filter { $0 != Self.null }
      return StructField(keys[column], inferringTypes ? Self.type(texts) : .string)
    }
  }

  /// The text of `NULL` in the name of a folder.
  static let null = "__HIVE_DEFAULT_PARTITION__"

  private mutating func add(
    _ folder: String, _ keys: [(key: String, value: String)], _ values: inout [[(key: String, value: String)]]
  ) throws {
    for name in try Folder.names(folder) where !name.hasPrefix(".") && !name.hasPrefix("_") {
      let path = "\(folder)/\(name)"
      guard Self.isFolder(path) else {
        files.append(path)
        values.append(keys)
        continue
      }
      // Other folders are no part of the data, as in Spark.
      guard let sign = name.firstIndex(of: "="), sign != name.startIndex else { continue }
      let value = unescapedFolderName(String(name[name.index(after: sign)...]))
      try add(path, keys + [(unescapedFolderName(String(name[..<sign])), value)], &values)
    }
  }

  private static func type(_ texts: [String]) -> DataType {
    func all(_ matches: (String) -> Bool) -> Bool { texts.allSatisfy(matches) }
    if texts.isEmpty { return .string }
    if all({ Int32($0) != nil }) { return .integer }
    if all({ Int64($0) != nil }) { return .long }
    if all({ Double($0) != nil && $0.utf8.contains(where: { $0 >= 48 && $0 <= 57 }) }) { return .double }
    if all({ $0.utf8.count == 10 && SQLDate($0) != nil }) { return .date }
    return .string
  }

  private static func isThere(_ path: String) throws -> Bool {
    try refuseZeroByte(path)
    var status = stat()
    return stat(path, &status) == 0
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names that a pattern matches, sorted; names that begin with `.` or `_` are left out.
  private static func glob(_ pattern: String) throws -> [String] {
    var found: Set<String> = []
    for pattern in alternatives(pattern) {
      var places = [pattern.hasPrefix("/") ? "/" : ""]
      for part in pattern.split(separator: "/").map(String.init) {
        var next: [String] = []
        for place in places {
          func child(_ name: String) -> String { place.isEmpty || place == "/" ? place + name : "\(place)/\(name)" }
          guard part.contains(where: { "*?[\\".contains($0) }) else {
            if try isThere(child(part)) { next.append(child(part)) }
            continue
          }
          guard isFolder(place.isEmpty ? "." : place) else { continue }
          for name in try Folder.names(place.isEmpty ? "." : place)
          where !name.hasPrefix(".") && !name.hasPrefix("_") && fnmatch(part, name, 0) == 0 {
            next.append(child(name))
          }
        }
        places = next
      }
      found.formUnion(places)
    }
    return found.sorted()
  }

  /// The patterns without `{a,b}` that one with them stands for, at most 1,000.
  private static func alternatives(_ pattern: String) -> [String] {
    guard let open = pattern.firstIndex(of: "{"), let close = pattern[open...].firstIndex(of: "}") else {
      return [pattern]
    }
    let rest = alternatives(String(pattern[pattern.index(after: close)...]))
    let choices = pattern[pattern.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false)
    let all = choices.flatMap { choice in rest.map { pattern[..<open] + choice + $0 } }
    return all.prefix(1000).map { String($0) }
  }

  /// The files as a list of the engine, in which no name is a pattern.
  /// - Throws: `AnalysisError` for a name that the engine cannot tell from a pattern.
  var sql: String {
    get throws { "[" + (try files.map { quotedText(try Self.exactly($0)) }).joined(separator: ", ") + "]" }
  }

  /// The pattern of the engine that only this file matches.
  private static func exactly(_ path: String) throws -> String {
    guard path.contains(where: { "*?[".contains($0) }) else { return path }
    guard !path.contains("\\") else {
      throw FileOptions.fault(
        "The path \(quotedPath(path)) has both a backslash and one of * ? [, which cannot be read. Rename the file.")
    }
    return path.map { "*?[".contains($0) ? "[\($0)]" : "\($0)" }.joined()
  }
}

/// A path in a message.
func quotedPath(_ path: String) -> String { "'\(path.debugDescription.dropFirst().dropLast())'" }

/// The text whose characters are escaped in the name of a folder, as `%2F` for a slash.
func unescapedFolderName(_ name: String) -> String {
  guard name.utf8.contains(UInt8(ascii: "%")) else { return name }
  var bytes: [UInt8] = []
  let source = Array(name.utf8)
  var i = 0
  while i < source.count {
    if source[i] == UInt8(ascii: "%"), i + 2 < source.count,
      let byte = UInt8(String(decoding: source[(i + 1)...(i + 2)], as: UTF8.self), radix: 16)
    {
      bytes.append(byte)
      i += 3
    } else {
      bytes.append(source[i])
      i += 1
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
