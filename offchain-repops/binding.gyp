{
  # One library of kernels for each instruction set (native/kernels), one addon that chooses at run time.
  "target_defaults": {
    "cflags!": ["-O2", "-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20", "-std=c++17"],
    "cflags": ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden", "-fPIC", "-Wall", "-Wextra", "-Wno-psabi"],
    "cflags_cc": ["-std=c++20"],
    # Settings that Node's own defaults also make win only where a target makes them.
    "target_conditions": [
      ["OS=='mac'", {
        "xcode_settings": {
          "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
          "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
          "MACOSX_DEPLOYMENT_TARGET": "11.0",
          "OTHER_CFLAGS": ["-O3", "-ffp-contract=off", "-fno-math-errno"]
        }
      }]
    ]
  },
  "targets": [
    {
      "target_name": "kernels_scalar",
      "type": "static_library",
      "sources": ["native/kernels/table.cc"],
      "defines": ["REPOPS_ISA=scalar"]
    },
    {
      "target_name": "repops",
      "defines": ["REPOPS_SOURCES=<!(node native/sources.mjs)"],
      "sources": [
        "native/binding/node.cc",
        "native/engine/choose.cc",
        "native/engine/decode.cc",
        "native/engine/hashing.cc",
        "native/engine/session.cc",
        "native/engine/storage.cc",
        "native/engine/thread_pool.cc",
        "native/engine/tree.cc",
        "native/kernels/rows_plan.cc"
      ],
      "dependencies": ["kernels_scalar"],
      "conditions": [
        ["target_arch=='x64'", { "dependencies": ["kernels_avx512", "kernels_avx2"] }],
        ["target_arch=='arm64'", { "dependencies": ["kernels_neon"] }]
      ]
    }
  ],
  "conditions": [
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "kernels_avx512",
          "type": "static_library",
          "sources": ["native/kernels/table.cc"],
          "defines": ["REPOPS_ISA=avx512"],
          "cflags": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx2", "-mfma", "-mbmi2", "-mprefer-vector-width=512"],
          "xcode_settings": { "OTHER_CFLAGS": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx2", "-mfma", "-mbmi2"] }
        },
        {
          "target_name": "kernels_avx2",
          "type": "static_library",
          "sources": ["native/kernels/table.cc"],
          "defines": ["REPOPS_ISA=avx2"],
          "cflags": ["-mavx2", "-mfma", "-mbmi2"],
          "xcode_settings": { "OTHER_CFLAGS": ["-mavx2", "-mfma", "-mbmi2"] }
        }
      ]
    }],
    ["target_arch=='arm64'", {
      "targets": [
        {
          "target_name": "kernels_neon",
          "type": "static_library",
          "sources": ["native/kernels/table.cc"],
          "defines": ["REPOPS_ISA=neon"]
        }
      ]
    }]
  ]
}
