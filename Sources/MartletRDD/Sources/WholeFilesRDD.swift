public import MartletCore

/// Files as elements: the path and the content of each.
struct WholeFiles<Content: Sendable>: PartitionedSource {
  let files: NamedFiles
  let isText: Bool
  let count: Int
  let site: OperatorSite
  let content: @Sendable (InputFile) throws -> Content

  func partitions() throws -> [[InputFile]] {
    let files = try files.list(site)
    if isText { try refusePacked(files, site) }
    return bundles(of: files, count: count)
  }

  func makeReader(_ files: [InputFile]) -> Reader { Reader(left: files[...], content: content) }

  /// Reads one file at a time, so that only files that the next operator retains are in memory.
  struct Reader: PartitionReader {
    var left: ArraySlice<InputFile>
    let content: @Sendable (InputFile) throws -> Content

    mutating func read(into writer: inout ElementWriter<(String, Content)>) throws -> Bool {
      guard let file = left.popFirst() else { return false }
      writer.append((file.path, try content(file)))
      return !left.isEmpty
    }
  }
}

/// The files, in order, in at most `count` groups of similar size.
private func bundles(of files: [InputFile], count: Int) -> [[InputFile]] {
  // The cost of opening a file, in bytes of reading.
  func weight(_ file: InputFile) -> Int { file.size + (1 << 16) }
  let total = files.reduce(0) { $0 + weight($1) }
  let wanted = max(1, min(count, files.count))
  var groups: [[InputFile]] = Array(repeating: [], count: wanted)
  var before = 0
  for file in files {
    // Assigned by the position of the middle of the file.
    let middle = before + weight(file) / 2
    groups[min(wanted - 1, middle / max(1, total / wanted))].append(file)
    before += weight(file)
  }
  return groups.filter { !$0.isEmpty }
}

/// All bytes of a source, of which `count` are expected.
private func allBytes(_ source: some ByteSource, expecting count: Int) throws -> [UInt8] {
  var bytes: [UInt8] = []
  // One more, to detect the end.
  var room = count + 1
  while true {
    let part = try [UInt8](unsafeUninitializedCapacity: room) { target, filled in
      guard let base = target.baseAddress else { return }
      while filled < room {
        let got = try source.read(base + filled, count: room - filled)
        if got == 0 { break }
        filled += got
      }
    }
    bytes = bytes.isEmpty ? part : bytes + part
    if part.count < room { return bytes }
    room = max(1 << 16, bytes.count)
  }
}

extension MartletContext {
  /// The files of a folder, each as one element: its path and its whole text.
  ///
  /// For many small files; each must fit into memory. Files that end in `.gz` are decompressed; those that end in
  /// `.bz2`, `.zip`, `.zst` and similar are an error. Invalid UTF-8 becomes U+FFFD; a byte order mark is kept.
  /// - Parameters:
  ///   - path: as for `textFile`.
  ///   - minPartitions: the approximate number of partitions, if there are enough files; by default the default
  ///     parallelism.
  public func wholeTextFiles(
    _ path: String, minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(String, Text)> {
    wholeTextFiles(.list(path), minPartitions: minPartitions, OperatorSite("wholeTextFiles", file, line))
  }

  /// The files of a folder, each as one element: its path and its bytes.
  ///
  /// Each file must fit into memory.
  /// - Parameters:
  ///   - path: as for `textFile`.
  ///   - minPartitions: the approximate number of partitions, if there are enough files; by default the default
  ///     parallelism.
  public func binaryFiles(
    _ path: String, minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(String, [UInt8])> {
    binaryFiles(.list(path), minPartitions: minPartitions, OperatorSite("binaryFiles", file, line))
  }

  func wholeTextFiles(_ paths: InputPaths, minPartitions: Int?, _ site: OperatorSite) -> RDD<(String, Text)> {
    wholeFiles(paths, isText: true, minPartitions: minPartitions, site) { file in
      let source: any ByteSource =
        file.path.hasSuffix(".gz")
        ? try GzipSource(path: file.path, planned: file.planned)
        : try FileSource(path: file.path, planned: file.planned)
      return Text(decoding: try allBytes(source, expecting: file.size))
    }
  }

  func binaryFiles(_ paths: InputPaths, minPartitions: Int?, _ site: OperatorSite) -> RDD<(String, [UInt8])> {
    wholeFiles(paths, isText: false, minPartitions: minPartitions, site) { file in
      try allBytes(try FileSource(path: file.path, planned: file.planned), expecting: file.size)
    }
  }

  private func wholeFiles<Content: Sendable>(
    _ paths: InputPaths, isText: Bool, minPartitions: Int?, _ site: OperatorSite,
    content: @escaping @Sendable (InputFile) throws -> Content
  ) -> RDD<(String, Content)> {
    let files = WholeFiles(
      files: NamedFiles(paths), isText: isText, count: minPartitions ?? defaultParallelism, site: site, content: content
    )
    return SourceRDD(files, self, site)
  }
}
