package import MartletCore

extension RDD {
  /// Writes the elements in binary form, for `objectFile` to read.
  ///
  /// `path` becomes a folder with a file for each partition, as with `saveAsTextFile(_:)` and with the same guarantee.
  /// Texts, strings, `Codable` values, and arrays, optionals and tuples of these can be read by later versions of the
  /// program as far as `Codable` allows; numbers and structures of nothing but numbers are written as their raw bytes,
  /// for programs in which the type is laid out in the same way.
  /// - Throws: `MartletError(.invalidState)` if there is something at `path`; `.invalidArgument` if the elements can be
  ///   neither: objects of classes, and what is neither `Codable` nor made of such.
  public func saveAsObjectFile(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try saveAsObjectFile(FolderPublication(path), OperatorSite("saveAsObjectFile", file, line))
  }

  /// As `saveAsObjectFile(_:)`, in whatever way the folder is to appear.
  package func saveAsObjectFile(_ target: FolderPublication, _ site: OperatorSite) throws {
    let codec = try objectCodec(Element.self, site)
    try writeFolder(target, site) { reader, file in
      let bytes = ByteBuffer()
      try FrameHeader.append(.form, count: 0, to: bytes) { $0.append(codec.form) }
      try reader.forEachChunk { chunk in
        defer { chunk.discard() }
        try codec.appendFrames(chunk.base, chunk.count, to: bytes) { try file.write($0) }
      }
      try FrameHeader.append(.end, count: 0, to: bytes)
      try file.write(bytes.bytes)
    }
  }
}

extension MartletContext {
  /// The elements of a folder that `saveAsObjectFile` has written; one partition for each file.
  ///
  /// Files that have been damaged, cut off, or hold other elements, fail the job.
  /// - Parameter path: as for `textFile`.
  public func objectFile<Element: Sendable>(
    _ path: String, of type: Element.Type = Element.self, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    objectFile(.list(path), OperatorSite("objectFile", file, line))
  }

  func objectFile<Element: Sendable>(_ paths: InputPaths, _ site: OperatorSite) -> RDD<Element> {
    do { return ObjectFileRDD(NamedFiles(paths), try objectCodec(Element.self, site), self, site) } catch {
      return FailedRDD(self, site, error)
    }
  }
}

private func objectCodec<Element>(_ type: Element.Type, _ site: OperatorSite) throws -> ElementCodec<Element> {
  guard let codec = ElementCodec<Element>.makeDurable() else {
    throw MartletError(
      .invalidArgument,
      """
      \(site): elements of type \(type) cannot be written in binary form. Make the type a \
      structure or enumeration that is Codable.
      """)
  }
  return codec
}

/// The elements of files written by `saveAsObjectFile`.
private final class ObjectFileRDD<Element: Sendable>: PlannedRDD<InputFile, Element>, @unchecked Sendable {
  private let files: NamedFiles
  private let codec: ElementCodec<Element>

  init(_ files: NamedFiles, _ codec: ElementCodec<Element>, _ context: MartletContext, _ site: OperatorSite) {
    self.files = files
    self.codec = codec
    super.init(context: context, site: site)
  }

  override func plan() throws -> [InputFile] { try files.list(site) }

  override func read(_ input: InputFile) throws -> ChunkReader<Element> {
    let path = input.path
    let file = try SystemFile.read(path)
    if let planned = input.planned { try file.expect(planned) }
    let size = try input.planned?.size ?? file.size()
    let bytes = ByteBuffer()
    let header = try readFrame(file, 0..<size, into: bytes)
    let form = try refusing(file) {
      try header.verify(bytes.bytes)
      var reader = ByteReader(bytes.bytes)
      let form = try reader.string()
      try reader.expectEnd()
      return form
    }
    guard header.kind == .form, form == codec.form else {
      throw MartletError(
        .corruptData,
        "The file '\(path)' holds elements of the form \(form), not \(codec.form), as they were asked for.")
    }
    return FrameReader(file, [FrameHeader.size + header.length..<size], codec, expectsEnd: true)
  }
}
