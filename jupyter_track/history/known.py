"""What is known of functions, methods and magics that a notebook calls but does not define.

Whoever is not in these tables is taken to change whatever it is handed. So a name may be missing here, which
makes a slice larger than it need be; a wrong one would make a slice that does not reproduce.
"""

from __future__ import annotations

import builtins
import sys
from typing import Final

__all__ = [
    "BUILTINS",
    "CALLING_BUILTINS",
    "CHANGING_FUNCTIONS",
    "CONSUMING_LIBRARIES",
    "DISPLAY_CELL_MAGICS",
    "DISPLAY_LINE_MAGICS",
    "DRAWING",
    "ELEMENT_BUILTINS",
    "FITTING_METHODS",
    "FRESH_METHODS",
    "FRESH_PATHS",
    "GENERATORS",
    "HARMLESS_COMMANDS",
    "IMMUTABLE_BUILTINS",
    "IMMUTABLE_PATHS",
    "ITERATOR_BUILTINS",
    "LIBRARIES",
    "NOT_SWALLOWING",
    "OBJECT_CHANGING_METHODS",
    "OPAQUE_BUILTINS",
    "QUIET_METHODS",
    "READING_METHODS",
    "SEEDING",
    "SEED_KEYWORDS",
    "SETTING_LINE_MAGICS",
    "SHELL_CELL_MAGICS",
    "TRANSPARENT_DECORATORS",
    "UNDRAWN",
    "reads_files",
    "sets_something",
    "writes_files",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _beginnings(text: str) -> tuple[str, ...]:
    return tuple(text.split())


BUILTINS: Final = frozenset(dir(builtins)) | {"display", "get_ipython", "__name__", "__file__"}

#: Their results cannot be changed, and share nothing with their arguments.
IMMUTABLE_BUILTINS: Final = _words(
    "any all ascii bin bool bytes callable chr complex float format frozenset hasattr hash help hex id int isinstance "
    "issubclass len oct ord print display range repr str slice object"
)
#: Their results are elements of their arguments, or hold them.
ELEMENT_BUILTINS: Final = _words("abs bytearray dict divmod list max memoryview min pow round set sorted sum tuple")
#: Their results are used up by who goes through them.
ITERATOR_BUILTINS: Final = _words("aiter enumerate filter iter map reversed zip")
#: They call their first argument, or the one that is given as the key.
CALLING_BUILTINS: Final = _words("map filter sorted min max")
#: They reach any name there is.
OPAQUE_BUILTINS: Final = frozenset({"eval", "exec", "globals", "locals", "vars", "__import__"})

#: Libraries whose functions leave what they are given as it was, with the exceptions below.
LIBRARIES: Final = frozenset(sys.stdlib_module_names) | _words(
    "numpy pandas scipy sklearn matplotlib seaborn plotly altair bokeh statsmodels pylab mpl_toolkits "
    "torch torchvision torchaudio tensorflow keras jax flax optax xgboost lightgbm catboost transformers datasets "
    "tokenizers evaluate IPython ipywidgets tqdm PIL cv2 skimage imageio networkx sympy polars pyarrow "
    "requests yaml joblib cloudpickle numba numexpr tabulate rich attr attrs pydantic hypothesis pytest "
    "shap umap imblearn category_encoders arviz typing_extensions jupyter_track mlflow"
)
#: Their objects are iterators, or files.
CONSUMING_LIBRARIES: Final = frozenset({"itertools", "csv", "io", "glob", "pathlib", "os", "re"})

#: Functions of those libraries, by their last name, that change their arguments.
CHANGING_FUNCTIONS: Final = _words(
    "shuffle put put_along_axis place putmask copyto fill_diagonal resize heappush heappop heapify heappushpop "
    "heapreplace insort insort_left insort_right setitem delitem setattr delattr reload pack_into readinto train fit "
    "partial_fit clip_grad_norm clip_grad_value move_to_end update_bn "
    "iadd iand iconcat ifloordiv ilshift imatmul imod imul ior ipow irshift isub itruediv ixor"
)

#: Functions, or all of a module where the path ends with a dot, whose results are numbers and texts.
IMMUTABLE_PATHS: Final = (
    "math.",
    "time.",
    "os.path.",
    "os.getcwd",
    "random.random",
    "random.randint",
    "random.randrange",
    "random.uniform",
    "random.gauss",
)
#: Functions, or all of a module where the path ends with a dot, whose results share nothing with the arguments.
FRESH_PATHS: Final = (
    "statistics.",
    "copy.deepcopy",
    "sklearn.metrics.",
    "sklearn.datasets.",
    "sklearn.model_selection.train_test_split",
    "sklearn.model_selection.cross_val_score",
    "json.loads",
    "json.dumps",
    *(
        f"numpy.{name}"
        for name in _words(
            "abs exp log log1p log2 log10 sqrt sin cos tan tanh mean std var sum prod min max median "
            "argmin argmax argsort sort cumsum cumprod dot matmul outer zeros ones full empty eye arange linspace "
            "logspace zeros_like ones_like full_like unique where round quantile percentile corrcoef cov isnan "
            "concatenate stack vstack hstack column_stack sign clip maximum minimum random."
        )
    ),
    "pandas.read_csv",
    "pandas.date_range",
    "pandas.get_dummies",
)

#: Methods, whatever they are called on, that change nothing; what they return may be a part of the receiver.
READING_METHODS: Final = _words(
    # of texts, numbers and containers
    "capitalize casefold center count decode encode endswith expandtabs find format format_map get index isalnum "
    "isalpha isdigit isidentifier islower isnumeric isspace istitle isupper items join keys ljust lower lstrip "
    "most_common partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split "
    "splitlines startswith strip swapcase title translate upper values zfill union intersection difference "
    "symmetric_difference issubset issuperset isdisjoint total as_integer_ratio is_integer "
    # of paths, dates and matches
    "exists is_file is_dir with_suffix with_name relative_to resolve absolute joinpath as_posix strftime isoformat "
    "timestamp total_seconds weekday date group groups groupdict span match search fullmatch finditer findall sub "
    # of arrays, frames and tensors
    "agg aggregate align all any apply applymap argmax argmin argsort asfreq assign astype at_time between bfill "
    "clip combine_first compare conj corr corrwith cov cpu cummax cummin cumprod cumsum cut describe detach diagonal "
    "diff dot dropna drop_duplicates droplevel duplicated eq equals ewm expanding explode ffill fillna filter "
    "first_valid_index flatten float ge groupby gt head hist iat idxmax idxmin iloc info interpolate isin isna isnull "
    "item iteritems iterrows itertuples kurt last le loc long lt map mask max mean median melt memory_usage merge min "
    "mode mul ndim ne nlargest nonzero norm notna notnull nsmallest numel numpy nunique pct_change permute pipe pivot "
    "pivot_table plot prod quantile query rank ravel reindex rename_axis repeat reset_index reshape resample rolling "
    "round scatter select_dtypes shift size skew squeeze stack std sum swapaxes swaplevel tail to_dict to_frame "
    "to_list to_numpy to_records to_string tolist transform transpose trace tril triu truncate unique unsqueeze "
    "unstack value_counts var sample view where xs boxplot bar barh line pie kde area abs sort_values "
    "sort_index set_index rename drop copy "
    # of models
    "predict predict_proba predict_log_proba decision_function score inverse_transform kneighbors get_params "
    "get_feature_names_out get_booster evals_result summary evaluate parameters named_parameters state_dict "
    "get_depth get_n_leaves conf_int pvalues bse"
)
#: Of those, the ones whose results share nothing with the receiver.
FRESH_METHODS: Final = _words(
    "count capitalize casefold decode encode endswith find format index isalnum isalpha isdigit join lower lstrip "
    "partition replace rfind rsplit rstrip split splitlines startswith strip title upper zfill issubset total "
    "all any argmax argmin argsort corr cov cumsum describe dot dropna drop_duplicates duplicated equals flatten "
    "fillna idxmax idxmin isin isna isnull item max mean median min mode nunique numel prod quantile std sum "
    "tolist to_list unique value_counts var predict predict_proba predict_log_proba decision_function score "
    "evaluate sample kneighbors strftime isoformat timestamp total_seconds exists is_file is_dir info hist"
)
#: Of those, the ones that call no function that was given to them or that a class of the notebook defines.
QUIET_METHODS: Final = _words(
    "parameters named_parameters state_dict get_params numel item head tail info shape size dim describe keys"
)
#: Methods that change the receiver itself, not what it holds, and take their arguments into it.
OBJECT_CHANGING_METHODS: Final = _words(
    "append appendleft extend extendleft insert add update setdefault pop popleft popitem remove discard clear sort "
    "reverse rotate fill put itemset move_to_end subtract difference_update intersection_update "
    "symmetric_difference_update __setitem__ __delitem__ __setattr__ write writelines read readline readlines seek "
    "close set_title set_xlabel set_ylabel set_xlim set_ylim legend grid axhline axvline"
)
#: Methods that change the receiver and all it is made of, and keep their arguments without changing them.
FITTING_METHODS: Final = frozenset({"fit", "fit_transform", "fit_predict", "partial_fit", "fit_resample"})

#: Decorators after which a function is still itself, by their last name.
TRANSPARENT_DECORATORS: Final = _words(
    "cache lru_cache jit njit vectorize no_grad inference_mode staticmethod classmethod property cached_property "
    "contextmanager dataclass wraps total_ordering abstractmethod function override overload setter getter"
)
#: Context managers, by their last name, that let an exception pass.
NOT_SWALLOWING: Final = _words(
    "open no_grad inference_mode catch_warnings errstate option_context printoptions ThreadPoolExecutor "
    "ProcessPoolExecutor Pool Lock TemporaryDirectory NamedTemporaryFile start_run autocast tqdm urlopen "
    "closing nullcontext rc_context ZipFile connect Parallel device"
)

#: Functions that begin a sequence of random numbers anew, and whose; "*" is of every generator.
SEEDING: Final = {
    "random.seed": "random",
    "numpy.random.seed": "numpy",
    "torch.manual_seed": "torch",
    "torch.random.manual_seed": "torch",
    "tensorflow.random.set_seed": "tensorflow",
    "seed_everything": "*",
    "set_random_seed": "*",
    "set_seed": "*",
}
#: Beginnings of the paths of functions that draw from a global generator, and from whose.
DRAWING: Final = (
    ("random.", "random"),
    ("numpy.random.", "numpy"),
    ("scipy.stats.", "numpy"),
    ("sklearn.datasets.make_", "numpy"),
    ("sklearn.model_selection.", "numpy"),
    ("sklearn.utils.", "numpy"),
    ("sklearn.inspection.", "numpy"),
    ("torch.rand", "torch"),
    ("torch.normal", "torch"),
    ("torch.bernoulli", "torch"),
    ("torch.multinomial", "torch"),
    ("torch.poisson", "torch"),
    ("torch.nn.", "torch"),
    ("torch.utils.data.", "torch"),
    ("torchvision.", "torch"),
    ("tensorflow.", "tensorflow"),
    ("keras.", "tensorflow"),
)
#: Estimators whose fit draws nothing, and generators with a state of their own, by their last name.
UNDRAWN: Final = _words(
    "default_rng RandomState Generator SeedSequence PCG64 Random SystemRandom LinearRegression Ridge Lasso "
    "ElasticNet LogisticRegression GaussianNB MultinomialNB BernoulliNB KNeighborsClassifier KNeighborsRegressor "
    "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler Normalizer OneHotEncoder OrdinalEncoder LabelEncoder "
    "LabelBinarizer SimpleImputer PolynomialFeatures CountVectorizer TfidfVectorizer TfidfTransformer SVC SVR"
)

#: Those of them that are generators: each use of a method changes them.
GENERATORS: Final = frozenset({"default_rng", "RandomState", "Generator", "Random"})
#: Keywords that give a call random numbers of its own.
SEED_KEYWORDS: Final = frozenset({"random_state", "seed", "rng", "generator"})

#: Line magics that only show something.
DISPLAY_LINE_MAGICS: Final = _words(
    "track who who_ls whos pwd lsmagic pinfo pinfo2 psource pdoc pdef pfile psearch history hist page quickref magic "
    "ls ll lf lk lx ldir cat man more less xmode tb debug pdb notebook logstate precision pprint"
)
#: Line magics that set something for all that follows.
SETTING_LINE_MAGICS: Final = _words(
    "cd env set_env matplotlib load_ext reload_ext unload_ext pip conda mamba micromamba uv config autoreload aimport "
    "alias unalias colors autocall automagic gui dotenv pushd popd bookmark autoawait"
)
DISPLAY_CELL_MAGICS: Final = _words("html HTML javascript js latex markdown svg SVG track")
SHELL_CELL_MAGICS: Final = _words("bash sh script cmd system sx perl ruby ! !!")
#: Shell commands that leave nothing behind.
HARMLESS_COMMANDS: Final = _words(
    "ls pwd cat head tail echo df du free which whoami date uname lscpu wc grep file tree nvidia-smi ps top env"
)

_SETTING_WORDS = _beginnings(
    "set_ use_ register enable disable reset_ configure init_ login simplefilter filterwarnings "
    "seterr chdir putenv basicConfig manual_seed seed setlocale addLevelName setrecursionlimit"
)
_WRITING_WORDS = _beginnings(
    "save dump write export to_csv to_parquet to_json to_excel to_pickle to_feather to_hdf to_sql"
)
_WRITING_NAMES = _words(
    "savefig imsave savetxt tofile to_file to_html to_markdown to_netcdf to_zarr mkdir makedirs remove unlink rename "
    "replace rmdir rmtree removedirs copyfile copy2 copytree move touch urlretrieve download extract extractall "
    "unpack_archive make_archive system popen call check_call check_output symlink link truncate imwrite "
    "close flush ModelCheckpoint SummaryWriter FileHandler connect"
)
_READING_WORDS = _beginnings("read_ load open scan_ from_file from_pretrained from_csv imread glob iglob rglob listdir")
_READING_NAMES = _words(
    "walk scandir exists isfile isdir getsize stat read_text read_bytes iterdir genfromtxt fromfile is_file is_dir "
    "system popen run call check_call check_output Popen ImageFolder import_module reload Popen connect memmap"
)


def sets_something(path: str) -> bool:
    """Whether a function of a library sets something for the whole process: by its name, or ``sys.path.append``."""
    name = path.rpartition(".")[2]
    if path.count(".") > 1 and name in ("append", "clear", "extend", "insert", "pop", "remove", "setdefault", "update"):
        return True
    return name == "use" or name.startswith(_SETTING_WORDS)


def writes_files(name: str, library: str = "") -> bool:
    """Whether a function or method of that name may write a file; `library` is the first name of its path."""
    if name == "replace" and library != "os":
        return False  # Of texts and dates.
    if name == "run":
        return library == "subprocess"
    return name in _WRITING_NAMES or name.startswith(_WRITING_WORDS)


def reads_files(name: str) -> bool:
    """Whether a function or method of that name may read a file."""
    return name in _READING_NAMES or name.startswith(_READING_WORDS)
