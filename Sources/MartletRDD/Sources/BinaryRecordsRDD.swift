package import MartletCore

/// Records of one length, from files.
final class BinaryRecordsRDD: PlannedRDD<FileSplit, [UInt8]>, @unchecked Sendable {
  private let paths: InputPaths
  private let files: [InputFile]?
  private let recordLength: Int

  init(
    _ paths: InputPaths, files: [InputFile]?, recordLength: Int, _ context: MartletContext, _ site: OperatorSite
  ) {
    self.paths = paths
    self.files = files
    self.recordLength = recordLength
    PlannedFiles.current?.note(paths)
    super.init(context: context, site: site)
  }

  override func plan() throws -> [FileSplit] {
    let files = try files ?? inputFiles(paths)
    guard recordLength > 0 else {
      throw MartletError(
        .invalidArgument,
        "\(site.name) at \(site.callSite): the record length is \(recordLength); it must be at least 1.")
    }
    for file in files where file.size % recordLength != 0 {
      throw MartletError(
        .corruptData,
        """
        '\(file.path)' has \(file.size) bytes, which is not a whole number of records of \(recordLength) bytes \
        (\(site.name) at \(site.callSite)).
        """)
    }
    let recordsPerSplit = Swift.max(1, maximumSplitSize / recordLength)
    return files.flatMap { file in
      stride(from: 0, to: file.size, by: recordsPerSplit * recordLength).map { offset in
        FileSplit(
          path: file.path, offset: offset, length: Swift.min(recordsPerSplit * recordLength, file.size - offset),
          planned: file.planned)
      }
    }
  }

  override func read(_ split: FileSplit) throws -> ChunkReader<[UInt8]> {
    RecordReader(
      try FileSource(path: split.path, offset: split.offset, planned: split.planned), split, recordLength: recordLength)
  }
}

private final class RecordReader: ChunkReader<[UInt8]> {
  private let source: FileSource
  private let path: String
  private let recordLength: Int
  private var left: Int
  private let records = ElementBuffer<[UInt8]>(capacity: 64)

  init(_ source: FileSource, _ split: FileSplit, recordLength: Int) {
    self.source = source
    path = split.path
    self.recordLength = recordLength
    left = split.length / recordLength
  }

  override func next() throws -> Chunk<[UInt8]>? {
    let count = min(records.capacity, left)
    guard count > 0 else { return nil }
    for _ in 0..<count { records.append(element: try record()) }
    left -= count
    return records.takeAll()
  }

  private func record() throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: recordLength) { target, filled in
      guard let base = target.baseAddress else { return }
      while filled < recordLength {
        let got = try source.read(base + filled, count: recordLength - filled)
        guard got > 0 else {
          throw MartletError(.corruptData, "'\(path)' became shorter while it was read.")
        }
        filled += got
      }
    }
  }
}

extension MartletContext {
  /// The records of files, each `recordLength` bytes long. A file whose length is not a multiple of that is refused.
  ///
  /// - Parameter path: as for `textFile`.
  public func binaryRecords(
    _ path: String, recordLength: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<[UInt8]> {
    BinaryRecordsRDD(
      .list(path), files: nil, recordLength: recordLength, self, OperatorSite("binaryRecords", file, line))
  }

  /// The records of files that a stream has found.
  package func binaryRecords(_ files: [InputFile], recordLength: Int, _ site: OperatorSite) -> RDD<[UInt8]> {
    BinaryRecordsRDD(.names(files.map(\.path)), files: files, recordLength: recordLength, self, site)
  }

  /// The lines of files that a stream has found.
  package func textFile(_ files: [InputFile], _ site: OperatorSite) -> RDD<Text> {
    TextFileRDD(.names(files.map(\.path)), files: files, minPartitions: nil, self, site)
  }
}
