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
  private(set) var partitions: [StructField] = []
  /// For each file, the values of these columns; `nil` for `NULL`.
  private(set) var values: [[String?]] = []

  private typealias Keys = [(key: String, value: String)]

  /// The options that all formats of files have.
  static let optionNames = ["path", "pathGlobFilter", "recursiveFileLookup", "basePath"]

  /// - Parameters:
  ///   - options: those in `optionNames` are used.
  ///   - infersTypes: false if the columns of folders are texts.
  /// - Throws: `AnalysisError` if a path names nothing; `MartletError` if a folder cannot be read.
  init(_ paths: [String], _ options: FileOptions? = nil, infersTypes: Bool = true) throws {
    guard !paths.isEmpty else { throw FileOptions.fault("There are no paths: name files or a folder.") }
    let search = Search(
      namePattern: options?["pathGlobFilter"], isDeep: try options?.bool("recursiveFileLookup") ?? false)
    let base = try options?["basePath"].map { FilePath(normalizedPath(try localPath($0))) }
    var keys: [Keys] = []
    for text in paths {
      let path = try localPath(text)
      let found = try Self.isThere(path) ? [path] : try Self.glob(path)
      guard !found.isEmpty else {
        throw AnalysisError(faults: [
          AnalysisFault("PATH_NOT_FOUND", "The path does not exist: \(quotedPath(text)). Name a file or a folder.")
        ])
      }
      for path in found {
        let outer = try base.map { try Self.keys(of: path, below: $0) } ?? []
        if Self.isFolder(path) {
          try add(withoutTrailingSlashes(path), outer, search, &keys)
        } else if search.includes(lastComponent(path)) {
          files.append(path)
          keys.append(outer)
        }
      }
    }
    let names = keys.first.map { $0.map(\.key) } ?? []
    guard keys.allSatisfy({ $0.map(\.key) == names }) else {
      throw AnalysisError(faults: [
        AnalysisFault(
          "CONFLICTING_PARTITION_COLUMN_NAMES",
          "The folders do not have the same partition columns: all files must be in folders such as year=2024 with the same keys. Read them apart."
        )
      ])
    }
    values = keys.map { $0.map { $0.value == Self.null ? nil : $0.value } }
    partitions = names.indices.map { column in
      StructField(names[column], infersTypes ? Self.type(values.compactMap { $0[column] }) : .string)
    }
  }

  /// The text of `NULL` in the name of a folder.
  static let null = "__HIVE_DEFAULT_PARTITION__"

  /// The choice of files in folders.
  private struct Search {
    var namePattern: String?
    /// True if files in all subfolders are found, whose names add no columns.
    var isDeep: Bool

    func includes(_ name: String) -> Bool { namePattern.map { fnmatch($0, name, 0) == 0 } ?? true }
  }

  private mutating func add(_ folder: String, _ outer: Keys, _ search: Search, _ keys: inout [Keys]) throws {
    for name in try Folder.names(folder) where !name.hasPrefix(".") && !name.hasPrefix("_") {
      let path = "\(folder)/\(name)"
      guard Self.isFolder(path) else {
        guard search.includes(name) else { continue }
        files.append(path)
        keys.append(outer)
        continue
      }
      if search.isDeep {
        try add(path, [], search, &keys)
      } else if let key = Self.key(name) {
        try add(path, outer + [key], search, &keys)
      }
      // Other folders are no part of the data, as in Spark.
    }
  }

  /// The column and the value that the name of a folder adds, such as `year=2024`.
  private static func key(_ name: String) -> (key: String, value: String)? {
    guard let sign = name.firstIndex(of: "="), sign != name.startIndex else { return nil }
    return (unescapedFolderName(String(name[..<sign])), unescapedFolderName(String(name[name.index(after: sign)...])))
  }

  /// The columns that the folders of a path add.
  private static func keys(of path: String, below base: FilePath) throws -> Keys {
    let full = FilePath(normalizedPath(path))
    guard full.isWithin(base) else {
      throw FileOptions.fault("The path \(quotedPath(path)) is not in the folder of the option basePath.")
    }
    guard let rest = full.below(base) else { return [] }
    let names = rest.text.split(separator: "/").map(String.init)
    return (isFolder(path) ? names : names.dropLast()).compactMap(key)
  }

  private static func type(_ texts: [String]) -> DataType {
    func all(_ matches: (String) -> Bool) -> Bool { texts.allSatisfy(matches) }
    if texts.isEmpty { return .string }
    if all({ Int32($0) != nil }) { return .integer }
    if all({ Int64($0) != nil }) { return .long }
    if all({ Double($0) != nil && $0.utf8.contains(where: { $0 >= 48 && $0 <= 57 }) }) { return .double }
    if all({ $0.utf8.count == 10 && SQLDate($0) != nil }) { return .date }
    if all({ $0.utf8.count >= 19 && SQLTimestamp($0[...]) != nil }) { return .timestamp }
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

  /// The files as a list of texts.
  var quotedFiles: String { "[\(files.map(quotedText).joined(separator: ", "))]" }

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
