import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The places in which DuckDB's library is looked for, in order.
package struct DuckSearch: Sendable, Hashable {
  /// A file, or a name that the system's loader looks for.
  package struct Place: Sendable, Hashable, CustomStringConvertible {
    /// The path or the name.
    package let path: String
    /// The origin of the path, for errors, such as the name of a variable.
    package let origin: String?

    package init(_ path: String, origin: String? = nil) {
      self.path = path
      self.origin = origin
    }

    /// True for a path; false for a name that the system looks for.
    package var isFile: Bool { path.utf8.contains(UInt8(ascii: "/")) }

    package var description: String {
      let origin = origin ?? (isFile ? nil : "where the system looks for libraries")
      return origin.map { "\(path) (\($0))" } ?? path
    }
  }

  /// The places, the first one first.
  package var places: [Place]

  package init(places: [Place]) { self.places = places }

  #if canImport(Darwin)
    private static let fileName = "libduckdb.dylib"
  #else
    private static let fileName = "libduckdb.so"
  #endif

  /// The usual places: only the file that the variable `LIBDUCKDB` names, if it is set; otherwise the system's
  /// libraries, Homebrew's, and the folder of `scripts/install-duckdb`.
  package static func standard(
    environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) -> DuckSearch {
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    if let path = value("LIBDUCKDB") { return DuckSearch(places: [Place(path, origin: "LIBDUCKDB")]) }
    var places = [Place(fileName), Place("/opt/homebrew/lib/\(fileName)"), Place("/usr/local/lib/\(fileName)")]
    #if !canImport(Darwin)
      places.remove(at: 1)
    #endif
    if let cache = value("XDG_CACHE_HOME") ?? value("HOME").map({ "\($0)/.cache" }) {
      places.append(Place("\(cache)/martlet/duckdb-\(DuckLibrary.installedVersion)/\(fileName)"))
    }
    return DuckSearch(places: places)
  }

  /// The commands that make the library available.
  package var advice: String {
    var lines = [
      "To install it, run one of:",
      "  make duckdb                                      in Martlet's own repository",
      "  sh .build/checkouts/martlet/scripts/install-duckdb   in a package that depends on Martlet",
      "  brew install duckdb                              with Homebrew",
    ]
    if places.contains(where: { $0.origin == "LIBDUCKDB" }) {
      lines.append("The variable LIBDUCKDB is set, so no other place was tried: correct it, or unset it.")
    } else {
      lines.append(
        "Or set LIBDUCKDB to the path of a libduckdb of version \(DuckLibrary.lowestMajorVersion).0 or later.")
    }
    return lines.joined(separator: "\n")
  }
}
