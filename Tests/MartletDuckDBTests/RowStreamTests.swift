import CDuckDB
import MartletCore
import MartletDuckDB
import Synchronization
import Testing

@Suite(
  "Streams of rows", .timeLimit(.minutes(30)),
  .enabled(if: DuckDBAvailability.isInstalledOrRequired, DuckDBAvailability.advice))
struct RowStreamTests {
  /// Numbers in pieces, with a text and a column that is null for odd numbers.
  private struct Numbers: RowStream, OpenRowStream {
    var pieces: Int
    var perPiece: Int
    var failsAt: Int = .max
    let columns = [TableColumn("n", .int64), TableColumn("text", .string), TableColumn("even", .int32)]

    func open() throws -> any OpenRowStream {
      if pieces < 0 { throw MartletError(.inputOutput, "The rows are gone.") }
      return self
    }

    func reader(_ piece: Int) throws -> any RowReader {
      Reader(next: piece * perPiece, end: (piece + 1) * perPiece, failsAt: failsAt)
    }

    private final class Reader: RowReader {
      var next: Int
      let end: Int
      let failsAt: Int

      init(next: Int, end: Int, failsAt: Int) {
        self.next = next
        self.end = end
        self.failsAt = failsAt
      }

      func next(_ output: RowOutput) throws -> Int {
        var row = 0
        while next < end, row < RowOutput.capacity {
          if next == failsAt { throw MartletError(.corruptData, "The number \(next) is bad.") }
          output.write(Int64(next), 0, row)
          output.write(text: "the text of \(next)", 1, row)
          if next.isMultiple(of: 2) { output.write(Int32(next), 2, row) } else { output.writeNull(2, row) }
          next += 1
          row += 1
        }
        return row
      }
    }
  }

  @Test func `all rows are read, by several threads`() throws {
    let database = try DuckDatabase.forTest()
    let registration = database.register(Numbers(pieces: 17, perPiece: 5000))
    let connection = try database.connect()
    #expect(
      try connection.rows("SELECT count(*), sum(n), count(even), sum(even), max(text) FROM \(registration.sql)") == [
        [.int64(85000), .int128(3_612_457_500), .int64(42500), .int128(1_806_207_500), .string("the text of 9999")]
      ])
    #expect(
      try connection.value("SELECT count(*) FROM \(registration.sql) WHERE text = 'the text of ' || n") == .int64(85000)
    )
  }

  @Test func `rows have the order of the pieces`() throws {
    let database = try DuckDatabase.forTest()
    let registration = database.register(Numbers(pieces: 9, perPiece: 3000))
    let connection = try database.connect()
    let rows = try connection.rows("SELECT n FROM \(registration.sql)")
    #expect(rows == (0..<27000).map { [.int64(Int64($0))] })
    #expect(
      try connection.rows("SELECT text FROM \(registration.sql) LIMIT 1 OFFSET 3001") == [[.string("the text of 3001")]]
    )
  }

  @Test func `errors of opening and reading fail the statement`() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    let gone = database.register(Numbers(pieces: -1, perPiece: 1))
    let opening = try #require(throws: MartletError.self) { try connection.rows("SELECT * FROM \(gone.sql)") }
    #expect(opening.message.contains("The rows are gone."), "\(opening)")
    let bad = database.register(Numbers(pieces: 2, perPiece: 5000, failsAt: 7001))
    let reading = try #require(throws: MartletError.self) { try connection.rows("SELECT sum(n) FROM \(bad.sql)") }
    #expect(reading.message.contains("The number 7001 is bad."), "\(reading)")
    #expect(try connection.value("SELECT 1") == .int32(1))
  }

  @Test func `a stream ends with its registration`() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    let sql = database.register(Numbers(pieces: 1, perPiece: 1)).sql
    let error = try #require(throws: MartletError.self) { try connection.rows("SELECT * FROM \(sql)") }
    #expect(error.message.contains("There is no source"), "\(error)")
  }
}
