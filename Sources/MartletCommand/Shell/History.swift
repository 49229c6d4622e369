#if CommandLineTool
  import MartletCore

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// The entries of earlier sessions and of this one, in a file with an entry in each line.
  ///
  /// Line feeds and backslashes of an entry are written as `\n` and `\\`, so that entries with several lines stay whole. At
  /// most 1,000 entries are retained, none of which has more than 64 KB. Several shells can append to the file at once.
  struct History {
    private(set) var entries: [String] = []
    /// The file; `nil` for a history that ends with the process.
    private let path: String?
    /// The reason for which the file cannot be used, for the user.
    private(set) var problem: String?

    static let maximumEntries = 1000
    static let maximumBytes = 1 << 16

    /// The history in the file at `path`, which may not exist yet.
    init(path: String?) {
      self.path = path
      guard let path else { return }
      do {
        guard try Folder.nameIsTaken(path) else { return }
        let lines = try Self.lastBytes(of: path).split(separator: 10, omittingEmptySubsequences: true)
        entries = lines.suffix(Self.maximumEntries).map { Self.decoded(String(decoding: $0, as: UTF8.self)) }
        // The file is rewritten rarely, so that a session only appends.
        if lines.count > 2 * Self.maximumEntries { try rewrite(path) }
      } catch { problem = "The history cannot be read: \(error)" }
    }

    /// The usual file: `martlet/sql_history` in the folder of the variable `XDG_STATE_HOME`, or in `~/.local/state`.
    static func standardPath(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) -> String? {
      func folder(_ name: String) -> String? { environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
      let state = folder("XDG_STATE_HOME") ?? folder("HOME").map { "\(withoutTrailingSlashes($0))/.local/state" }
      return state.map { "\(withoutTrailingSlashes($0))/martlet/sql_history" }
    }

    /// Adds an entry, unless it repeats the last one.
    mutating func append(_ entry: String) {
      let entry = Self.trimmed(entry)
      guard !entry.isEmpty, entry.utf8.count <= Self.maximumBytes, entry != entries.last else { return }
      entries.append(entry)
      if entries.count > Self.maximumEntries { entries.removeFirst() }
      guard let path, problem == nil else { return }
      do { try Self.append(Self.encoded(entry) + "\n", to: path) } catch {
        problem = "The history cannot be written: \(error)"
      }
    }

    // MARK: Lines

    static func encoded(_ entry: String) -> String {
      entry.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "\\r")
    }

    static func decoded(_ line: String) -> String {
      var entry = ""
      var isEscaped = false
      for scalar in line.unicodeScalars {
        if isEscaped {
          entry.unicodeScalars.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
          isEscaped = false
        } else if scalar == "\\" {
          isEscaped = true
        } else {
          entry.unicodeScalars.append(scalar)
        }
      }
      return entry
    }

    private static func trimmed(_ text: String) -> String {
      var rest = Substring(text)
      while rest.first?.isWhitespace == true { rest.removeFirst() }
      while rest.last?.isWhitespace == true { rest.removeLast() }
      return String(rest)
    }

    // MARK: File

    /// The whole lines among the last 16 MB of the file.
    private static func lastBytes(of path: String) throws -> [UInt8] {
      let file = try SystemFile.read(path)
      let size = try file.size()
      let count = min(size, 16 << 20)
      let bytes = ByteBuffer()
      let got = try file.read(bytes.extend(by: count), count: count, at: size - count)
      let all = Array(bytes.bytes.prefix(got))
      return size > count ? Array(all.drop { $0 != 10 }) : all
    }

    private static func append(_ line: String, to path: String) throws {
      try Folder.create(parentFolder(path))
      let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw MartletError.system("Cannot open '\(path)'", errno: errno) }
      defer { close(descriptor) }
      guard StandardDescriptors.write(line, to: descriptor) else {
        throw MartletError.system("Cannot write to '\(path)'", errno: errno)
      }
    }

    /// Replaces the file by one with only the entries that are retained.
    private func rewrite(_ path: String) throws {
      let next = "\(path).\(randomName())"
      try Self.append(entries.map { Self.encoded($0) + "\n" }.joined(), to: next)
      try Folder.rename(next, to: path)
    }
  }
#endif
