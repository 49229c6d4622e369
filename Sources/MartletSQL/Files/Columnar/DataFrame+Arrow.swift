internal import MartletArrow
internal import MartletColumnar
internal import MartletCore
internal import MartletDuckDB

#if canImport(Glibc)
  private import Glibc
#elseif canImport(Musl)
  private import Musl
#elseif canImport(Darwin)
  private import Darwin
#endif

extension DataFrame {
  /// The rows as a stream of Arrow, in memory.
  ///
  /// ```swift
  /// let bytes = try await df.toArrow()
  /// ```
  /// Timestamps have the time zone of the session in their type. Programs in other languages read the bytes, such as
  /// `pyarrow.ipc.open_stream(bytes)` in Python.
  /// - Throws: the errors of the query.
  public func toArrow(file: StaticString = #fileID, line: UInt = #line) throws -> [UInt8] {
    try arrowBytes(OperatorSite("toArrow", file, line))
  }

  /// The rows as a stream of Arrow, in memory.
  public func toArrow(file: StaticString = #fileID, line: UInt = #line) async throws -> [UInt8] {
    let site = OperatorSite("toArrow", file, line)
    return try await session.running(site) { try arrowBytes(site) }
  }

  /// Writes the rows as a stream of Arrow to an open file, socket or pipe, while they are computed.
  ///
  /// ```swift
  /// try df.writeArrowStream(to: STDOUT_FILENO)
  /// ```
  /// - Throws: the errors of the query, and of the system if the bytes cannot be written. The stream has no end then, so
  ///   that its reader does not take it for a complete one.
  public func writeArrowStream(
    to descriptor: Int32, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try writeArrow(to: descriptor, OperatorSite("writeArrowStream", file, line))
  }

  /// Writes the rows as a stream of Arrow to an open file, socket or pipe, while they are computed.
  public func writeArrowStream(
    to descriptor: Int32, file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    let site = OperatorSite("writeArrowStream", file, line)
    try await session.running(site) { try writeArrow(to: descriptor, site) }
  }

  private func arrowBytes(_ site: OperatorSite) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try arrow(BufferedOutput { bytes.append(contentsOf: $0) }, site)
    return bytes
  }

  private func writeArrow(to descriptor: Int32, _ site: OperatorSite) throws {
    try arrow(
      BufferedOutput { bytes in
        var done = 0
        while done < bytes.count {
          // Safe: the bytes are not empty here.
          let count = systemWrite(descriptor, bytes.baseAddress.unsafelyUnwrapped + done, bytes.count - done)
          if count > 0 {
            done += count
          } else if count < 0, errno != EINTR {
            throw systemFailure("Cannot write a stream of Arrow", errno)
          }
        }
      }, site)
  }

  private func arrow(_ output: BufferedOutput, _ site: OperatorSite) throws {
    let spark = session.spark
    let relation = try spark.relation(input, site, computes: true)
    let fields = relation.columns.map(\.field.columnar)
    do {
      let writer = try ArrowWriter(output, fields, format: .stream, timeZone: spark.state.timeZone)
      let values = relation.columns.enumerated().map { index, column in
        "CAST(t.\(quoted(column.key)) AS \(column.type.engineName)) AS c\(index)"
      }
      let sql = "SELECT \(values.isEmpty ? "1" : values.joined(separator: ", ")) FROM (\(relation.sql.text)) t"
      try spark.state.engine.withConnection { connection in
        let result = try connection.query(sql)
        defer { result.close() }
        while let chunk = try result.nextChunk() { try writer.write(chunk, 0..<chunk.count) }
      }
      try writer.finish()
      try output.flush()
    } catch { throw site.query(error) }
    // The rows refer to tables in memory.
    withExtendedLifetime(relation) {}
  }
}

/// The system call, which is not a method of the same name.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  withoutBrokenPipeSignal { write(descriptor, bytes, count) }
}
