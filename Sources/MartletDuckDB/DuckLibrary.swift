// Unsafe code. Invariant: `duck_load` is called with the lock held, and never again after it has succeeded. Everything
// else in this module holds a `DuckLibrary`, or an object that was created with one, before it calls a function of
// DuckDB: the table of functions is complete then, and does not change.

import CDuckDB
import MartletCore
import Synchronization

/// DuckDB's library, loaded into this process.
///
/// Programs that do not call `load` neither need the library nor pay for it.
package struct DuckLibrary: Sendable {
  /// The version that the library states, such as `v2.0.0`.
  package let version: String
  /// The file that was loaded.
  package let path: String

  /// The version that `scripts/install-duckdb` installs, and that Martlet's tests use.
  package static let installedVersion = "2.0.0"
  /// The lowest major version that can be used.
  static let lowestMajorVersion = 2

  private static let loaded = Mutex<DuckLibrary?>(nil)

  /// Loads the library, unless this process has done so before.
  ///
  /// A failure is not remembered: a program that waits for an installation can try again.
  /// - Throws: `MartletError(.invalidConfiguration)` that lists the places that were tried, the reason for which each
  ///   failed, and the commands that install DuckDB.
  @discardableResult
  package static func load(searching places: @autoclosure () -> DuckSearch = .standard()) throws -> DuckLibrary {
    try loaded.withLock { loaded in
      if let loaded { return loaded }
      let library = try find(places())
      loaded = library
      return library
    }
  }

  static func find(_ search: DuckSearch) throws -> DuckLibrary {
    var failures: [String] = []
    for place in search.places {
      switch attempt(place) {
      case .success(let library): return library
      case .failure(let failure): failures.append("  \(place): \(failure.reason)")
      }
    }
    if failures.isEmpty { failures = ["  nowhere: neither HOME nor XDG_CACHE_HOME is set"] }
    throw MartletError(
      .invalidConfiguration,
      "DuckDB, which runs SQL, cannot be loaded. These places were tried:\n\(failures.joined(separator: "\n"))\n"
        + search.advice)
  }

  private struct Unusable: Error { let reason: String }

  private static func attempt(_ place: DuckSearch.Place) -> Result<DuckLibrary, Unusable> {
    if place.isFile {
      switch duck_inspect(place.path) {
      case DUCK_FILE_MISSING: return .failure(Unusable(reason: "there is no such file"))
      case DUCK_FILE_INCOMPLETE:
        return .failure(Unusable(reason: "the file is incomplete: delete it, and install DuckDB again"))
      default: break
      }
    }
    var text = [CChar](repeating: 0, count: 2048)
    var version = [CChar](repeating: 0, count: 64)
    let outcome = duck_load(
      place.path, Int32(lowestMajorVersion), &text, text.count, &version, version.count)
    let (message, found) = (string(text), string(version))
    switch outcome {
    case DUCK_LOADED:
      return .success(DuckLibrary(version: found, path: duck_loaded_path().map { String(cString: $0) } ?? place.path))
    case DUCK_NOT_DUCKDB: return .failure(Unusable(reason: "not DuckDB's library: it has no function \(message)"))
    case DUCK_TOO_OLD:
      return .failure(Unusable(reason: "DuckDB \(found) is too old: \(lowestMajorVersion).0 or later is needed"))
    case DUCK_MISSING_FUNCTION:
      return .failure(
        Unusable(reason: "DuckDB \(found) has no function \(message), so that this version cannot be used"))
    default: return .failure(Unusable(reason: message))
    }
  }

  private static func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
