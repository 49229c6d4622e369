import Foundation
import MartletCore
import TestSupport
import Testing

@testable import MartletDuckDB

@Suite(.timeLimit(.minutes(30)))
struct DuckLibraryTests {
  @Test("The usual places are the system's, Homebrew's, and the folder of the set-up script, in that order")
  func usualPlaces() {
    let home = DuckSearch.standard { $0 == "HOME" ? "/home/ada" : nil }.places.map(\.path)
    #expect(home.first.map { !$0.contains("/") } == true)
    #expect(home.contains { $0.hasPrefix("/usr/local/lib/libduckdb.") })
    #expect(home.last?.hasPrefix("/home/ada/.cache/martlet/duckdb-2.0.0/libduckdb.") == true)
    let cache = DuckSearch.standard { ["HOME": "/home/ada", "XDG_CACHE_HOME": "/cache"][$0] }.places.map(\.path)
    #expect(cache.last?.hasPrefix("/cache/martlet/duckdb-2.0.0/libduckdb.") == true)
  }

  @Test("LIBDUCKDB is the only place if it is set, and the error says so")
  func variable() throws {
    let search = DuckSearch.standard { $0 == "LIBDUCKDB" ? "/nowhere/libduckdb.so" : "/home/ada" }
    #expect(search.places.map(\.path) == ["/nowhere/libduckdb.so"])
    let message = try failure(search)
    #expect(message.contains("/nowhere/libduckdb.so (LIBDUCKDB): there is no such file"))
    #expect(message.contains("LIBDUCKDB is set, so no other place was tried"))
    #expect(DuckSearch.standard { $0 == "LIBDUCKDB" ? "" : nil }.places.count > 1)
  }

  @Test("An error lists every place with its reason, and the commands that install DuckDB")
  func places() throws {
    let message = try failure(DuckSearch(places: [.init("libnosuchduck.so"), .init("/nowhere/libduckdb.so")]))
    #expect(message.contains("libnosuchduck.so (where the system looks for libraries): libnosuchduck.so"))
    #expect(message.contains("/nowhere/libduckdb.so: there is no such file"))
    #expect(message.contains("make duckdb"))
    #expect(message.contains("scripts/install-duckdb"))
    #expect(message.contains("LIBDUCKDB"))
    #expect(try failure(DuckSearch(places: [])).contains("nowhere"))
  }

  @Test("A file that is no library is refused with the system's reason")
  func text() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/libduckdb.so"
      try Data("This is a text.".utf8).write(to: URL(fileURLWithPath: path))
      let message = try failure(DuckSearch(places: [.init(path)]))
      #expect(message.contains("\(path): "))
      #expect(!message.contains("no such file"))
    }
  }

  #if os(Linux)
    @Test("A library that was not written to its end is refused without being loaded")
    func incomplete() throws {
      try withTemporaryFolder { folder in
        let source = try #require(
          ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64"].map { "\($0)/libc.so.6" }
            .first { FileManager.default.fileExists(atPath: $0) })
        let bytes = try Data(contentsOf: URL(fileURLWithPath: source))
        let path = "\(folder)/libduckdb.so"
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
        #expect(try failure(DuckSearch(places: [.init(path)])).contains("incomplete"))
        try bytes.prefix(10).write(to: URL(fileURLWithPath: path))
        #expect(try failure(DuckSearch(places: [.init(path)])).contains(path))
      }
    }
  #endif

  @Test("Another library is refused by the name of a function that it lacks")
  func otherLibrary() throws {
    #if canImport(Darwin)
      let name = "libSystem.dylib"
    #else
      let name = "libm.so.6"
    #endif
    #expect(try failure(DuckSearch(places: [.init(name)])).contains("not DuckDB's library"))
  }

  @Test(
    "A library that is too old, or lacks a function, is refused with its version",
    .enabled(if: compiler != nil, "There is no C compiler"))
  func versions() throws {
    try withTemporaryFolder { folder in
      func library(_ version: String) throws -> String {
        let source = "\(folder)/\(version).c", path = "\(folder)/\(version).so"
        try Data("const char *duckdb_library_version(void) { return \"\(version)\"; }".utf8)
          .write(to: URL(fileURLWithPath: source))
        try run([try #require(Self.compiler), "-shared", "-fPIC", "-o", path, source])
        return path
      }
      let old = try failure(DuckSearch(places: [.init(try library("v1.4.2"))]))
      #expect(old.contains("DuckDB v1.4.2 is too old: 2.0 or later is needed"))
      let strange = try failure(DuckSearch(places: [.init(try library("v3.1.0"))]))
      #expect(strange.contains("DuckDB v3.1.0 has no function duckdb_"))
    }
  }

  @Test(
    "The library is loaded once, and states its version and path",
    .enabled(if: DuckDBAvailability.isInstalledOrRequired, DuckDBAvailability.advice))
  func loaded() throws {
    let library = try DuckLibrary.load()
    #expect(library.version.hasPrefix("v"))
    #expect(library.path.contains("duckdb"))
    // The search is not made again.
    #expect(try DuckLibrary.load(searching: DuckSearch(places: [])).path == library.path)
  }

  /// The message of a search that must fail.
  private func failure(_ search: DuckSearch) throws -> String {
    let error = try #require(throws: MartletError.self) { try DuckLibrary.find(search) }
    #expect(error.code == .invalidConfiguration)
    return error.message
  }

  private static let compiler: String? = {
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return path.flatMap { folder in ["clang", "cc"].map { "\(folder)/\($0)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  private func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
