// Unsafe code. Invariant: the socket belongs to the connection, which is open while its methods run. Each result goes to the
// caller, which clears it once, or is cleared here.

import CDatabases
import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// Statements are sent, and their answers waited for, for a limited time: libpq's own calls wait for ever for a server whose
// machine is there and which does not answer.

extension PostgresConnection {
  /// Runs a statement, and returns its last result, or that of the beginning of a copy.
  func run(_ sql: String, _ parameters: [DatabaseValue] = []) throws -> pq_result? {
    try send(sql, parameters)
    var last: pq_result?
    do {
      while let result = try nextResult() {
        pq_clear(last)
        last = result
        // PGRES_COPY_OUT, PGRES_COPY_IN and PGRES_COPY_BOTH: the next one comes after the copy.
        if [3, 4, 8].contains(pq_result_status(result)) { break }
      }
    } catch {
      pq_clear(last)
      throw error
    }
    return last
  }

  /// Sends a statement, whose results `nextResult` returns.
  func send(_ sql: String, _ parameters: [DatabaseValue] = []) throws {
    // libpq would send the part before it.
    guard !sql.utf8.contains(0) else { throw DatabaseError(.other, "The statement has a NUL in it") }
    let isSent = try withParameters(parameters) { pq_send(connection, sql, $0, nil, $1, nil, nil, 0) }
    guard isSent == 1 else { throw failure(nil) }
  }

  /// The next result of a statement; `nil` after the last one.
  /// - Throws: `DatabaseError(.connectionLost)` if none comes in time.
  func nextResult() throws -> pq_result? {
    let deadline = MonotonicTime.now + answerTimeout
    while pq_is_busy(connection) != 0 {
      var entry = pollfd(fd: pq_socket(connection), events: Int16(POLLIN), revents: 0)
      let rest = deadline.nanoseconds - MonotonicTime.now.nanoseconds
      guard rest > 0 else {
        throw DatabaseError(
          .connectionLost,
          "The server has not answered for \(answerTimeout.text). The option socketTimeout of the URL sets this limit, in seconds"
        )
      }
      // Not longer than a minute at a time, which fits into the argument.
      let milliseconds = Int32(min(rest / 1_000_000 + 1, 60_000))
      let count = poll(&entry, 1, milliseconds)
      guard count >= 0 || errno == EINTR else { throw failure(nil) }
      if count > 0, pq_consume_input(connection) != 1 { throw failure(nil) }
    }
    return pq_get_result(connection)
  }

  /// Calls `body` with the number of parameters and their texts.
  private func withParameters<Result>(
    _ parameters: [DatabaseValue], _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) throws -> Result
  ) throws -> Result {
    guard !parameters.isEmpty else { return try body(0, nil) }
    var bytes: [UInt8] = []
    var offsets: [Int?] = []
    for value in parameters {
      if case .null = value {
        offsets.append(nil)
        continue
      }
      offsets.append(bytes.count)
      try PostgresText.append(value, to: &bytes, escaping: false)
      bytes.append(0)
    }
    return try bytes.withUnsafeBufferPointer { bytes in
      let pointers = offsets.map { offset in
        offset.map { UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + $0).assumingMemoryBound(to: CChar.self) }
      }
      return try body(Int32(pointers.count), pointers)
    }
  }
}
