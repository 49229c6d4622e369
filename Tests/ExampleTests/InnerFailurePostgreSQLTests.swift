import FaultHarness
import MartletTorture
import TestSupport
import Testing

/// Rows in a real PostgreSQL, written by batches that fail in the middle of a partition.
@Suite(
  .enabled(
    if: PostgreSQLServer.isInstalledOrRequired,
    "PostgreSQL is not installed; `make test` installs it where apt-get is permitted"),
  .enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"), .timeLimit(.minutes(30)))
struct InnerFailurePostgreSQLTests {
  @Test func `a batch that failed within a partition is in the database once after it runs again`() async throws {
    let server = try PostgreSQLServer()
    for failure in InnerFailure.allCases {
      let database = try server.database("failing_\(failure.rawValue.lowercased())")
      try database.query(
        """
        CREATE TABLE batches (batch_time bigint, partition int, PRIMARY KEY (batch_time, partition));
        CREATE TABLE rows (batch_time bigint, number int);
        """)
      let folder = try TestFolder()
      try await failInside(failure, sink: "postgres:\(database.connection)", in: folder) {
        let written = try database.query("SELECT count(*) = count(DISTINCT number), count(*) FROM rows")
        #expect(
          written.first?.hasPrefix("t|") == true && written != ["t|\(InnerFailure.rows)"], "\(failure): \(written)")
      }
      let written = try database.query("SELECT count(*), count(DISTINCT number), min(number), max(number) FROM rows")
      #expect(written == ["\(InnerFailure.rows)|\(InnerFailure.rows)|0|\(InnerFailure.rows - 1)"], "\(failure)")
    }
  }
}
