package import MartletCore

/// Records of a fixed length, from files.
struct BinaryRecords: PartitionedSource {
  let files: NamedFiles
  let recordLength: Int
  let site: OperatorSite

  func partitions() throws -> [FileSplit] {
    let files = try files.list(site)
    guard recordLength > 0 else {
      throw MartletError(
        .invalidArgument,
        "\(site.name) at \(site.callSite): the record length is \(recordLength); it must be at least 1.")
    }
    for file in files where file.size % recordLength != 0 {
      throw MartletError(
        .corruptData,
        """
        '\(file.path)' has \(file.size) bytes, which is not a multiple of the record length, \(recordLength) bytes \
        (\(site.name) at \(site.callSite)).
        """)
    }
    let recordsPerSplit = max(1, maximumSplitSize / recordLength)
    return files.flatMap { file in
      stride(from: 0, to: file.size, by: recordsPerSplit * recordLength).map { offset in
        FileSplit(
          path: file.path, offset: offset, length: min(recordsPerSplit * recordLength, file.size - offset),
          planned: file.planned)
      }
    }
  }

  func makeReader(_ split: FileSplit) throws -> Reader {
    Reader(
      file: try FileSource(path: split.path, offset: split.offset, planned: split.planned), path: split.path,
      recordLength: recordLength, left: split.length / recordLength)
  }

  struct Reader: PartitionReader {
    let file: FileSource
    let path: String
    let recordLength: Int
    var left: Int

    mutating func read(into writer: inout ElementWriter<[UInt8]>) throws -> Bool {
      // Fewer at a time than a writer takes, because they may be large.
      let count = min(64, left)
      for _ in 0..<count { writer.append(try record()) }
      left -= count
      return left > 0
    }

    private func record() throws -> [UInt8] {
      try [UInt8](unsafeUninitializedCapacity: recordLength) { target, filled in
        guard let base = target.baseAddress else { return }
        while filled < recordLength {
          let got = try file.read(base + filled, count: recordLength - filled)
          guard got > 0 else {
            throw MartletError(.corruptData, "'\(path)' became shorter while it was read.")
          }
          filled += got
        }
      }
    }
  }
}

extension MartletContext {
  /// The records of files, each `recordLength` bytes long. A file with a length that is not a multiple of this is
  /// refused.
  public func binaryRecords(
    _ path: String, recordLength: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<[UInt8]> {
    binaryRecords(NamedFiles(.list(path)), recordLength: recordLength, OperatorSite("binaryRecords", file, line))
  }

  /// The records of files that a stream has found.
  package func binaryRecords(_ files: [InputFile], recordLength: Int, _ site: OperatorSite) -> RDD<[UInt8]> {
    binaryRecords(NamedFiles(.names(files.map(\.path)), listed: files), recordLength: recordLength, site)
  }

  func binaryRecords(_ files: NamedFiles, recordLength: Int, _ site: OperatorSite) -> RDD<[UInt8]> {
    SourceRDD(BinaryRecords(files: files, recordLength: recordLength, site: site), self, site)
  }

  /// The lines of files that a stream has found.
  package func textFile(_ files: [InputFile], _ site: OperatorSite) -> RDD<Text> {
    TextFileRDD(NamedFiles(.names(files.map(\.path)), listed: files), minPartitions: nil, self, site)
  }
}
