import MartletCore
import MartletRDD

/// A context that spills to `folder` as soon as a task holds `taskMemory` bytes.
func spillingContext(_ folder: String, taskMemory: Int = 1024, memory: Int = 1 << 30) -> MartletContext {
  MartletContext(
    conf: MartletConf().setMaster("local[3]").setAppName("spill").set(.localDirectory, to: folder)
      .set(.taskMemoryBytes, to: taskMemory).set(.memoryBytes, to: memory))
}

/// A context that never spills.
func roomyContext() -> MartletContext { MartletContext(master: "local[3]", appName: "roomy") }
