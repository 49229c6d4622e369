import MartletCore
import MartletStreaming
import MartletTesting
import TestSupport
import Testing

@testable import MartletDatabases

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Servers that accept connections, or statements, and do not answer.
@Suite(.enabled(if: !TestSystem.servers.isEmpty, "no server is installed"), .timeLimit(.minutes(30)))
struct SilentServerTests {
  /// The options of a URL for limits of some seconds.
  private static func limits(_ system: TestSystem, connect: Int, answer: Int) -> String {
    let unit = system == .postgres ? "" : "000"
    return "connectTimeout=\(connect)\(unit)&socketTimeout=\(answer)\(unit)"
  }

  /// The database of a test, through a proxy.
  private static func database(_ test: TestDatabase, _ proxy: ConnectionProxy, _ options: String) throws -> Database {
    let isPostgres = test.system == .postgres
    return try Database(
      "jdbc:\(isPostgres ? "postgresql" : "mariadb")://127.0.0.1:\(proxy.port)/\(test.database.name)?"
        + "\(isPostgres ? "sslmode" : "sslMode")=disable&\(options)", user: "martlet", password: MariaDBServer.password)
  }

  @Test(arguments: TestSystem.servers)
  func `a server that accepts and never says anything is given up`(_ system: TestSystem) throws {
    let listener = try SilentListener()
    let scheme = system == .postgres ? "postgresql" : "mariadb"
    let limits = Self.limits(system, connect: 2, answer: 2)
    let database = try Database(
      "jdbc:\(scheme)://127.0.0.1:\(listener.port)/shop?\(limits)", user: "ann", password: "geheim")
    let sink = try DatabaseSink<String>(database, table: "words", column: "word")
    let begin = MonotonicTime.now
    let error = try failure { try write(["a"], to: sink, at: 1000) }
    #expect((error.underlying as? DatabaseError)?.kind == .unreachable, "\(error)")
    #expect(error.message.contains("127.0.0.1:\(listener.port)") && !error.message.contains("geheim"), "\(error)")
    // Once, and not again and again.
    #expect(MonotonicTime.now.nanoseconds - begin.nanoseconds < 60_000_000_000)
  }

  @Test(arguments: TestSystem.servers, ["COMMIT", "w-1500"])
  func `a server that falls silent is given up, and the part is written once on another connection`(
    _ system: TestSystem, _ text: String
  ) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    let proxy = try ConnectionProxy(to: test.port)
    defer { proxy.close() }
    let database = try Self.database(test, proxy, Self.limits(system, connect: 5, answer: 5))
    let sink = try DatabaseSink<String>(database, table: "words", column: "word")
    try write(["first"], to: sink, at: 1000)
    proxy.breakNext(.silent, at: text)
    #expect(try write((0..<3000).map { "w-\($0)" }, to: sink, at: 2000))
    #expect(proxy.breaks == 1)
    #expect(try test.query("SELECT count(*), count(DISTINCT word) FROM words WHERE word <> 'first'") == ["3000|3000"])
  }

  @Test(arguments: TestSystem.servers)
  func `a stop ends although a server does not answer`(_ system: TestSystem) async throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    let proxy = try ConnectionProxy(to: test.port)
    defer { proxy.close() }
    let database = try Self.database(test, proxy, Self.limits(system, connect: 5, answer: 60))
    let sink = try DatabaseSink<String>(database, table: "words", column: "word")
    let conf = MartletConf().setMaster("local[2]").set("martlet.streaming.gracefulStopTimeout", "1s")
    let streaming = TestStreamingContext(conf: conf)
    streaming.stream([["a"], ["b"]]).write(to: sink)
    try streaming.start()
    try streaming.runBatches(1)
    proxy.breakNext(.silent, at: "COMMIT")
    streaming.clock.advance(by: .seconds(1))
    while proxy.breaks == 0 { await Task.yield() }
    let begin = MonotonicTime.now
    await streaming.context.stop()
    #expect(MonotonicTime.now.nanoseconds - begin.nanoseconds < 50_000_000_000)
    #expect(try test.query("SELECT word FROM words WHERE word = 'a'") == ["a"])
  }
}

/// A socket that accepts connections, which nothing reads.
private final class SilentListener: Sendable {
  private let descriptor: Int32
  let port: Int

  init() throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isListening else { throw MartletError.system("Cannot listen", errno: errno) }
    port = Int(in_port_t(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }
}
