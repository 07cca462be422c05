/**
 * Labels as recorders, archives and people write them, with what each means. One line a channel, judged within its file:
 * label = kind site confidence [reference]. A dot stands for no site; such a channel must never be given one.
 */

export interface LabelCase {
  label: string;
  kind: string;
  /** 'Fp1', 'Fp1-F7', or null. */
  site: string | null;
  confidence: string;
  reference: string | null;
}

/** Files by naming scheme, in words. */
export const labelFiles: readonly { scheme: string; cases: readonly LabelCase[] }[] = [
  file(
    'Temple University archive, REF montage',
    `
    EEG FP1-REF = eeg Fp1 certain REF
    EEG FP2-REF = eeg Fp2 certain REF
    EEG F3-REF = eeg F3 certain REF
    EEG F4-REF = eeg F4 certain REF
    EEG C3-REF = eeg C3 certain REF
    EEG C4-REF = eeg C4 certain REF
    EEG P3-REF = eeg P3 certain REF
    EEG P4-REF = eeg P4 certain REF
    EEG O1-REF = eeg O1 certain REF
    EEG O2-REF = eeg O2 certain REF
    EEG F7-REF = eeg F7 certain REF
    EEG F8-REF = eeg F8 certain REF
    EEG T3-REF = eeg T7 certain REF
    EEG T4-REF = eeg T8 certain REF
    EEG T5-REF = eeg P7 certain REF
    EEG T6-REF = eeg P8 certain REF
    EEG T1-REF = eeg . ask REF
    EEG T2-REF = eeg . ask REF
    EEG FZ-REF = eeg Fz certain REF
    EEG CZ-REF = eeg Cz certain REF
    EEG PZ-REF = eeg Pz certain REF
    EEG A1-REF = eeg A1 certain REF
    EEG A2-REF = eeg A2 certain REF
    EEG EKG1-REF = ecg . certain REF
    EEG LOC-REF = eog . certain REF
    EEG ROC-REF = eog . certain REF
    EEG SP1-REF = eeg Sp1 certain REF
    EEG SP2-REF = eeg Sp2 certain REF
    EEG 20-REF = unknown . none REF
    EEG 32-REF = unknown . none REF
    EEG C3P-REF = eeg . none REF
    EMG-REF = emg . certain
    PHOTIC-REF = trigger . certain REF
    EEG RLC-REF = eog . likely REF
    EEG LUC-REF = eog . likely REF
    RESP ABDOMEN-REF = resp . certain REF
    EEG RESP1-REF = resp . certain REF
    IBI = aux . certain
    BURSTS = aux . certain
    SUPPR = aux . certain
    PULSE RATE = aux . certain
    DC1-DC = aux . likely
    EEG PG1-REF = eeg Pg1 certain REF
    EEG OZ-REF = eeg Oz certain REF
  `,
  ),
  file(
    'Temple University archive, linked ears',
    `
    EEG FP1-LE = eeg Fp1 certain A1+A2
    EEG T3-LE = eeg T7 certain A1+A2
    EEG T5-LE = eeg P7 certain A1+A2
    EEG 01-LE = eeg . ask A1+A2
    EEG O2-LE = eeg O2 certain A1+A2
    EEG EKG-LE = ecg . certain A1+A2
    EEG T1-LE = eeg . ask A1+A2
    PHOTIC PH = trigger . certain
    EEG A2-LE = eeg A2 certain A1+A2
    EEG C3-LE = eeg C3 certain A1+A2
    EEG C4-LE = eeg C4 certain A1+A2
    EEG PZ-LE = eeg Pz certain A1+A2
    EEG CZ-LE = eeg Cz certain A1+A2
    EEG F7-LE = eeg F7 certain A1+A2
  `,
  ),
  file(
    'Children’s Hospital Boston, bipolar',
    `
    FP1-F7 = eeg Fp1-F7 certain
    F7-T7 = eeg F7-T7 certain
    T7-P7 = eeg T7-P7 certain
    P7-O1 = eeg P7-O1 certain
    FP1-F3 = eeg Fp1-F3 certain
    F3-C3 = eeg F3-C3 certain
    C3-P3 = eeg C3-P3 certain
    P3-O1 = eeg P3-O1 certain
    FP2-F4 = eeg Fp2-F4 certain
    F4-C4 = eeg F4-C4 certain
    C4-P4 = eeg C4-P4 certain
    P4-O2 = eeg P4-O2 certain
    FP2-F8 = eeg Fp2-F8 certain
    F8-T8 = eeg F8-T8 certain
    T8-P8 = eeg T8-P8 likely
    P8-O2 = eeg P8-O2 certain
    FZ-CZ = eeg Fz-Cz certain
    CZ-PZ = eeg Cz-Pz certain
    P7-T7 = eeg P7-T7 certain
    T7-FT9 = eeg T7-FT9 certain
    FT9-FT10 = eeg FT9-FT10 certain
    FT10-T8 = eeg FT10-T8 certain
    T8-P8 = eeg . ask
    - = aux . certain
    ECG = ecg . certain
    VNS = aux . certain
    LOC-ROC = eog . certain
  `,
  ),
  file(
    'Children’s Hospital Boston, numbered repeats',
    `
    T8-P8-0 = eeg T8-P8 likely
    T8-P8-1 = eeg . ask
    FP1-F7 = eeg Fp1-F7 certain
    . = aux . certain
    --0 = aux . certain
  `,
  ),
  file(
    'older names in pairs',
    `
    Fp1-F7 = eeg Fp1-F7 certain
    F7-T3 = eeg F7-T7 certain
    T3-T5 = eeg T7-P7 certain
    T5-O1 = eeg P7-O1 certain
    Fp2-F8 = eeg Fp2-F8 certain
    F8-T4 = eeg F8-T8 certain
    T4-T6 = eeg T8-P8 certain
    T6-O2 = eeg P8-O2 certain
    EKG = ecg . certain
  `,
  ),
  file(
    'Sleep-EDF',
    `
    EEG Fpz-Cz = eeg Fpz-Cz certain
    EEG Pz-Oz = eeg Pz-Oz certain
    EOG horizontal = eog . certain
    Resp oro-nasal = resp . certain
    EMG submental = emg . certain
    Temp rectal = aux . certain
    Event marker = trigger . certain
  `,
  ),
  file(
    'NEMAR',
    `
    FZ = eeg Fz certain
    CZ = eeg Cz certain
    PZ = eeg Pz certain
    Pg1 = eeg Pg1 certain
    Pg2 = eeg Pg2 certain
    T3 = eeg T7 certain
    T4 = eeg T8 certain
    T5 = eeg P7 certain
    T6 = eeg P8 certain
    Fp1 = eeg Fp1 certain
    O2 = eeg O2 certain
  `,
  ),
  file(
    'sleep laboratory (AASM)',
    `
    E1-M2 = eog . likely M2
    E2-M2 = eog . likely M2
    F3-M2 = eeg F3 certain M2
    F4-M1 = eeg F4 certain M1
    C3-M2 = eeg C3 certain M2
    C4-M1 = eeg C4 certain M1
    O1-M2 = eeg O1 certain M2
    O2-M1 = eeg O2 certain M1
    Chin1-Chin2 = emg . certain
    ECG1-ECG2 = ecg . certain
    LLeg1-LLeg2 = emg . certain
    LAT = emg . likely
    RAT = emg . likely
    Nasal Pressure = resp . certain
    Thor = resp . certain
    Abdo = resp . certain
    Snore = resp . certain
    SaO2 = resp . certain
    SpO2 = resp . certain
    Position = aux . certain
    Flow = resp . certain
    Pleth = aux . certain
    EtCO2 = resp . certain
  `,
  ),
  file(
    'sleep laboratory, colons',
    `
    F3:A2 = eeg F3 certain A2
    C4:A1 = eeg C4 certain A1
    O2/A1 = eeg O2 certain A1
    E1:M2 = eog . likely M2
    EOG(L) = eog . certain
    EOG Left = eog . certain
    CHIN = emg . certain
  `,
  ),
  file(
    'two channels of a sleep file',
    `
    F4-A1 = eeg F4 certain A1
    CZ-A2 = eeg Cz certain A2
  `,
  ),
  file(
    'BioSemi with a numbered cap',
    `
    A1 = eeg . ask
    A2 = eeg . ask
    A3 = eeg . ask
    A32 = eeg . ask
    B1 = eeg . ask
    B32 = eeg . ask
    C3 = eeg . ask
    F7 = eeg . ask
    E1 = eeg . ask
    EXG1 = aux . likely
    EXG8 = aux . likely
    GSR1 = aux . certain
    Erg1 = aux . likely
    Resp = resp . certain
    Plet = aux . certain
    Temp = aux . certain
    Status = trigger . certain
  `,
  ),
  file(
    'BioSemi with names',
    `
    Fp1 = eeg Fp1 certain
    AF7 = eeg AF7 certain
    AF3 = eeg AF3 certain
    F1 = eeg F1 certain
    F3 = eeg F3 certain
    F5 = eeg F5 certain
    F7 = eeg F7 certain
    FT7 = eeg FT7 certain
    FC5 = eeg FC5 certain
    FC3 = eeg FC3 certain
    FC1 = eeg FC1 certain
    C1 = eeg C1 certain
    C3 = eeg C3 certain
    C5 = eeg C5 certain
    T7 = eeg T7 certain
    TP7 = eeg TP7 certain
    CP5 = eeg CP5 certain
    CP3 = eeg CP3 certain
    CP1 = eeg CP1 certain
    P1 = eeg P1 certain
    P3 = eeg P3 certain
    P5 = eeg P5 certain
    P7 = eeg P7 certain
    P9 = eeg P9 certain
    PO7 = eeg PO7 certain
    PO3 = eeg PO3 certain
    O1 = eeg O1 certain
    Iz = eeg Iz certain
    Oz = eeg Oz certain
    POz = eeg POz certain
    Pz = eeg Pz certain
    CPz = eeg CPz certain
    Fpz = eeg Fpz certain
    Fp2 = eeg Fp2 certain
    AF8 = eeg AF8 certain
    AF4 = eeg AF4 certain
    AFz = eeg AFz certain
    Fz = eeg Fz certain
    F2 = eeg F2 certain
    F4 = eeg F4 certain
    F6 = eeg F6 certain
    F8 = eeg F8 certain
    FT8 = eeg FT8 certain
    FC6 = eeg FC6 certain
    FC4 = eeg FC4 certain
    FC2 = eeg FC2 certain
    FCz = eeg FCz certain
    Cz = eeg Cz certain
    C2 = eeg C2 certain
    C4 = eeg C4 certain
    C6 = eeg C6 certain
    T8 = eeg T8 certain
    TP8 = eeg TP8 certain
    CP6 = eeg CP6 certain
    CP4 = eeg CP4 certain
    CP2 = eeg CP2 certain
    P2 = eeg P2 certain
    P4 = eeg P4 certain
    P6 = eeg P6 certain
    P8 = eeg P8 certain
    P10 = eeg P10 certain
    PO8 = eeg PO8 certain
    PO4 = eeg PO4 certain
    O2 = eeg O2 certain
    EXG1 = aux . likely
    REOG = eog . certain
    LEOG = eog . certain
    IEOG = eog . certain
    EXG5 = aux . likely
    M2 = eeg M2 likely
    M1 = eeg M1 likely
    EXG8 = aux . likely
    Status = trigger . certain
  `,
  ),
  file(
    'EGI net',
    `
    E1 = eeg . ask
    E2 = eeg . ask
    E3 = eeg . ask
    E4 = eeg . ask
    E5 = eeg . ask
    E128 = eeg . ask
    E129 = eeg . ask
    VREF = eeg . ask
    Cz = eeg Cz certain
    STI 014 = trigger . certain
  `,
  ),
  file(
    'EGI net, event channels',
    `
    E1 = eeg . ask
    E2 = eeg . ask
    E3 = eeg . ask
    CELL = unknown . none
    HXX1 = unknown . none
    SESS = unknown . none
    TRSP = unknown . none
    XXX1 = unknown . none
  `,
  ),
  file(
    'MNE numbers',
    `
    EEG 001 = eeg . ask
    EEG 002 = eeg . ask
    EEG 032 = eeg . ask
    STI 014 = trigger . certain
    EOG 061 = eog . certain
    ECG 063 = ecg . certain
    MEG 0111 = unknown . none
    MEG0113 = unknown . none
  `,
  ),
  file(
    'BCI competition IV',
    `
    EEG-Fz = eeg Fz certain
    EEG-C3 = eeg C3 certain
    EEG-Cz = eeg Cz certain
    EEG-C4 = eeg C4 certain
    EEG-Pz = eeg Pz certain
    EEG-0 = eeg . ask
    EEG-16 = eeg . ask
    EOG-left = eog . certain
    EOG-central = eog . certain
    EOG-right = eog . certain
  `,
  ),
  file(
    'BCI competition IV, numbers',
    `
    EEG-0 = eeg . ask
    EEG-1 = eeg . ask
    EEG-2 = eeg . ask
    EOG-left = eog . certain
  `,
  ),
  file(
    'Neuroscan (SEED)',
    `
    FP1 = eeg Fp1 certain
    FPZ = eeg Fpz certain
    FP2 = eeg Fp2 certain
    AF3 = eeg AF3 certain
    AF4 = eeg AF4 certain
    F7 = eeg F7 certain
    FT7 = eeg FT7 certain
    FT8 = eeg FT8 certain
    CB1 = eeg CB1 certain
    CB2 = eeg CB2 certain
    M1 = eeg M1 likely
    M2 = eeg M2 likely
    HEO = eog . certain
    VEO = eog . certain
    EKG = ecg . certain
    EMG = emg . certain
    PO5 = eeg PO5 certain
    PO6 = eeg PO6 certain
    POZ = eeg POz certain
    Trigger = trigger . certain
  `,
  ),
  file(
    'Emotiv with prefixes',
    `
    Timestamp = aux . certain
    OriginalTimestamp = aux . certain
    EEG.Counter = aux . certain
    EEG.Interpolated = aux . certain
    EEG.AF3 = eeg AF3 certain
    EEG.F7 = eeg F7 certain
    EEG.T7 = eeg T7 certain
    EEG.O1 = eeg O1 certain
    EEG.AF4 = eeg AF4 certain
    EEG.RawCq = aux . certain
    EEG.Battery = aux . certain
    EEG.MarkerHardware = trigger . certain
    MarkerIndex = trigger . certain
    MarkerType = trigger . certain
    MarkerValueInt = trigger . certain
    CQ.AF3 = aux . certain
    CQ.Overall = aux . certain
    EQ.AF3 = aux . certain
    MOT.AccX = acc . certain
    MOT.GyroY = acc . certain
    POW.AF3.Theta = aux . certain
    PM.Focus.Scaled = aux . certain
    FE.BlinkWink = aux . certain
  `,
  ),
  file(
    'Emotiv EPOC export',
    `
    AF3 = eeg AF3 certain
    AF4 = eeg AF4 certain
    F3 = eeg F3 certain
    F4 = eeg F4 certain
    F7 = eeg F7 certain
    F8 = eeg F8 certain
    FC5 = eeg FC5 certain
    FC6 = eeg FC6 certain
    O1 = eeg O1 certain
    O2 = eeg O2 certain
    P7 = eeg P7 certain
    P8 = eeg P8 certain
    T7 = eeg T7 certain
    T8 = eeg T8 certain
    COUNTER = aux . certain
    INTERPOLATED = aux . certain
    GYROX = acc . certain
    GYROY = acc . certain
    RAW_CQ = aux . certain
    CQ_CMS = aux . certain
    CQ_F7 = aux . certain
    CQ_DRL = aux . certain
  `,
  ),
  file(
    'Emotiv Insight',
    `
    COUNTER = aux . certain
    AF3 = eeg AF3 certain
    T7 = eeg T7 certain
    Pz = eeg Pz certain
    T8 = eeg T8 certain
    AF4 = eeg AF4 certain
    MARKERS['Blank','Image'] = trigger . certain
    TICK = aux . certain
    ContactQuality = aux . certain
  `,
  ),
  file(
    'Muse',
    `
    timestamps = aux . certain
    TP9 = eeg TP9 certain
    AF7 = eeg AF7 certain
    AF8 = eeg AF8 certain
    TP10 = eeg TP10 certain
    Right AUX = aux . likely
    Marker0 = trigger . certain
  `,
  ),
  file(
    'Muse through Mind Monitor',
    `
    TimeStamp = aux . certain
    Delta_TP9 = aux . certain
    Theta_AF7 = aux . certain
    RAW_TP9 = eeg TP9 certain
    RAW_AF7 = eeg AF7 certain
    RAW_AF8 = eeg AF8 certain
    RAW_TP10 = eeg TP10 certain
    AUX_RIGHT = aux . likely
    Accelerometer_X = acc . certain
    Gyro_Z = acc . certain
    HeadBandOn = aux . certain
    HSI_TP9 = aux . certain
    Battery = aux . certain
    Elements = aux . certain
  `,
  ),
  file(
    'OpenBCI',
    `
    Sample Index = aux . certain
    EXG Channel 0 = eeg . ask
    EXG Channel 7 = eeg . ask
    Accel Channel 0 = acc . certain
    Not Used = aux . certain
    Digital Channel 0 (D11) = trigger . certain
    Analog Channel 2 = aux . likely
    Timestamp = aux . certain
    Marker Channel = trigger . certain
    Timestamp (Formatted) = aux . certain
  `,
  ),
  file(
    'OpenBCI columns',
    `
    ch1 = eeg . ask
    ch2 = eeg . ask
    ch8 = eeg . ask
    Ch 3 = eeg . ask
    Channel 4 = eeg . ask
    acc_x = acc . certain
  `,
  ),
  file(
    'Nihon Kohden',
    `
    EEG Fp1-Ref = eeg Fp1 certain REF
    EEG F7-Ref = eeg F7 certain REF
    EEG T3-Ref = eeg T7 certain REF
    EEG T5-Ref = eeg P7 certain REF
    EEG O1-Ref = eeg O1 certain REF
    EEG A1-Ref = eeg A1 certain REF
    EEG Cz-Ref = eeg Cz certain REF
    EEG Pz-Ref = eeg Pz certain REF
    POL E = aux . likely
    POL Z = aux . likely
    DC01 = aux . likely
    DC03 = aux . likely
    Mark1 = trigger . certain
    Mark2 = trigger . certain
    BN1 = aux . likely
    BN2 = aux . likely
    E = aux . likely
    Z = aux . likely
    POL X1 = unknown . none
    POL T1 = eeg . ask
    POL SaO2 = resp . certain
    EEG Mark1 = trigger . certain
    EDF Annotations = annotations . certain
  `,
  ),
  file(
    'Nihon Kohden, inputs only',
    `
    POL Fp1 = eeg Fp1 certain
    POL C3 = eeg C3 certain
    POL Cz = eeg Cz certain
    POL ECG = ecg . certain
    POL $X1 = unknown . none
    POL LAH1 = unknown . none
  `,
  ),
  file(
    'motor imagery archive of PhysioNet',
    `
    Fc5. = eeg FC5 certain
    Fc3. = eeg FC3 certain
    Fc1. = eeg FC1 certain
    Fcz. = eeg FCz certain
    Fc2. = eeg FC2 certain
    Fc4. = eeg FC4 certain
    Fc6. = eeg FC6 certain
    C5.. = eeg C5 certain
    C3.. = eeg C3 certain
    C1.. = eeg C1 certain
    Cz.. = eeg Cz certain
    C2.. = eeg C2 certain
    C4.. = eeg C4 certain
    C6.. = eeg C6 certain
    Cp5. = eeg CP5 certain
    Cp3. = eeg CP3 certain
    Cp1. = eeg CP1 certain
    Cpz. = eeg CPz certain
    Cp2. = eeg CP2 certain
    Cp4. = eeg CP4 certain
    Cp6. = eeg CP6 certain
    Fp1. = eeg Fp1 certain
    Fpz. = eeg Fpz certain
    Fp2. = eeg Fp2 certain
    Af7. = eeg AF7 certain
    Af3. = eeg AF3 certain
    Afz. = eeg AFz certain
    Af4. = eeg AF4 certain
    Af8. = eeg AF8 certain
    F7.. = eeg F7 certain
    F5.. = eeg F5 certain
    F3.. = eeg F3 certain
    F1.. = eeg F1 certain
    Fz.. = eeg Fz certain
    F2.. = eeg F2 certain
    F4.. = eeg F4 certain
    F6.. = eeg F6 certain
    F8.. = eeg F8 certain
    Ft7. = eeg FT7 certain
    Ft8. = eeg FT8 certain
    T7.. = eeg T7 certain
    T8.. = eeg T8 certain
    T9.. = eeg T9 certain
    T10. = eeg T10 certain
    Tp7. = eeg TP7 certain
    Tp8. = eeg TP8 certain
    P7.. = eeg P7 certain
    P5.. = eeg P5 certain
    P3.. = eeg P3 certain
    P1.. = eeg P1 certain
    Pz.. = eeg Pz certain
    P2.. = eeg P2 certain
    P4.. = eeg P4 certain
    P6.. = eeg P6 certain
    P8.. = eeg P8 certain
    Po7. = eeg PO7 certain
    Po3. = eeg PO3 certain
    Poz. = eeg POz certain
    Po4. = eeg PO4 certain
    Po8. = eeg PO8 certain
    O1.. = eeg O1 certain
    Oz.. = eeg Oz certain
    O2.. = eeg O2 certain
    Iz.. = eeg Iz certain
    EDF Annotations = annotations . certain
  `,
  ),
  file(
    'EEGMAT',
    `
    EEG F3 = eeg F3 certain
    EEG Fz = eeg Fz certain
    EEG F4 = eeg F4 certain
    EEG P3 = eeg P3 certain
    EEG Pz = eeg Pz certain
    EEG P4 = eeg P4 certain
    EEG O1 = eeg O1 certain
    EEG O2 = eeg O2 certain
    EDF Annotations = annotations . certain
  `,
  ),
  file(
    'BrainVision',
    `
    FP1 = eeg Fp1 certain
    FP2 = eeg Fp2 certain
    F3 = eeg F3 certain
    F4 = eeg F4 certain
    C3 = eeg C3 certain
    C4 = eeg C4 certain
    P3 = eeg P3 certain
    P4 = eeg P4 certain
    O1 = eeg O1 certain
    O2 = eeg O2 certain
    F7 = eeg F7 certain
    F8 = eeg F8 certain
    P7 = eeg P7 certain
    P8 = eeg P8 certain
    Fz = eeg Fz certain
    FCz = eeg FCz certain
    Cz = eeg Cz certain
    CPz = eeg CPz certain
    Pz = eeg Pz certain
    POz = eeg POz certain
    FC1 = eeg FC1 certain
    FC2 = eeg FC2 certain
    CP1 = eeg CP1 certain
    CP2 = eeg CP2 certain
    FC5 = eeg FC5 certain
    FC6 = eeg FC6 certain
    CP5 = eeg CP5 certain
    CP6 = eeg CP6 certain
    HL = unknown . none
    HR = unknown . none
    Vb = unknown . none
    ReRef = aux . certain
  `,
  ),
  file(
    'EEGLAB sample',
    `
    FPz = eeg Fpz certain
    EOG1 = eog . certain
    F3 = eeg F3 certain
    Fz = eeg Fz certain
    F4 = eeg F4 certain
    EOG2 = eog . certain
    FC5 = eeg FC5 certain
    FC1 = eeg FC1 certain
    FC2 = eeg FC2 certain
    FC6 = eeg FC6 certain
    T7 = eeg T7 certain
    C3 = eeg C3 certain
    C4 = eeg C4 certain
    Cz = eeg Cz certain
    T8 = eeg T8 certain
    CP5 = eeg CP5 certain
    CP1 = eeg CP1 certain
    CP2 = eeg CP2 certain
    CP6 = eeg CP6 certain
    P7 = eeg P7 certain
    P3 = eeg P3 certain
    Pz = eeg Pz certain
    P4 = eeg P4 certain
    P8 = eeg P8 certain
    PO7 = eeg PO7 certain
    PO3 = eeg PO3 certain
    POz = eeg POz certain
    PO4 = eeg PO4 certain
    PO8 = eeg PO8 certain
    O1 = eeg O1 certain
    Oz = eeg Oz certain
    O2 = eeg O2 certain
  `,
  ),
  file(
    'clinical with stimulus',
    `
    EEG Fp1 = eeg Fp1 certain
    EEG Fp2 = eeg Fp2 certain
    EEG F7 = eeg F7 certain
    EEG F3 = eeg F3 certain
    EEG Fz = eeg Fz certain
    EEG F4 = eeg F4 certain
    EEG F8 = eeg F8 certain
    EEG T3 = eeg T7 certain
    EEG C3 = eeg C3 certain
    EEG Cz = eeg Cz certain
    EEG C4 = eeg C4 certain
    EEG T4 = eeg T8 certain
    EEG T5 = eeg P7 certain
    EEG P3 = eeg P3 certain
    EEG Pz = eeg Pz certain
    EEG P4 = eeg P4 certain
    EEG T6 = eeg P8 certain
    EEG O1 = eeg O1 certain
    EEG O2 = eeg O2 certain
    EOG VEOG_I = eog . certain
    EOG VEOG_II = eog . certain
    REF_EEG REF_EEG = aux . certain
    ECG ECG1 = ecg . certain
    ECG ECG2 = ecg . certain
    DIG DTRIG = trigger . certain
  `,
  ),
  file(
    'repeated label',
    `
    EEG F1-Ref = eeg F1 likely REF
    EEG F2-Ref = eeg F2 certain REF
    EEG F1-Ref = eeg . ask REF
    EDF Annotations = annotations . certain
  `,
  ),
  file(
    'signal generator',
    `
    sine 1 Hz = unknown . none
    squarewave = unknown . none
    ramp = unknown . none
    pulse = aux . certain
    noise = unknown . none
    pink noise = unknown . none
    sine 8.1777 Hz = unknown . none
    3Hz +5/-5 V = unknown . none
    0.2Hz Blk 1/0uV = unknown . none
    white noise = unknown . none
  `,
  ),
  file(
    'stimulus in any case',
    `
    stAtUs = trigger . certain
    tRigGer = trigger . certain
    sine 1 Hz = unknown . none
    BDF Annotations = annotations . certain
  `,
  ),
  file(
    'words that hide names',
    `
    FO10 = unknown . none
    PROTO1 = unknown . none
    FP1X = unknown . none
    XO1 = unknown . none
    C3PO = unknown . none
    SPOT3 = unknown . none
    Fp = unknown . none
    O = unknown . none
    z = aux . likely
    AFX = unknown . none
    Fp1 left = unknown . none
    1Fp1 = unknown . none
    Fp1Fp2 = unknown . none
    C33 = unknown . none
    CzX = unknown . none
    TO1 = unknown . none
    PROZ = unknown . none
    FECG0 = unknown . none
    STATUSES = unknown . none
  `,
  ),
  file(
    'average and odd references',
    `
    Fp1-AVG = eeg Fp1 certain AVG
    F3-Av = eeg F3 certain AVG
    C3-CAR = eeg C3 certain AVG
    P3-AR = eeg P3 certain AVG
    O1-A1A2 = eeg O1 certain A1+A2
    O2-(A1+A2)/2 = eeg O2 certain A1+A2
    T3-M1M2 = eeg T7 certain M1+M2
    Cz-A1+A2 = eeg Cz certain A1+A2
    Pz-M1 = eeg Pz certain M1
    F8/A2 = eeg F8 certain A2
    Fz-Average = eeg Fz certain AVG
  `,
  ),
  file(
    'recorded against Cz',
    `
    Fp1-Cz = eeg Fp1 likely Cz
    Fp2-Cz = eeg Fp2 likely Cz
    F3-Cz = eeg F3 likely Cz
    F4-Cz = eeg F4 likely Cz
    C3-Cz = eeg C3 likely Cz
    C4-Cz = eeg C4 likely Cz
    O1-Cz = eeg O1 likely Cz
  `,
  ),
  file(
    'a reference of the house',
    `
    Fp1-G19 = eeg Fp1 likely G19
    Fp2-G19 = eeg Fp2 likely G19
    C3-G19 = eeg C3 likely G19
    C4-G19 = eeg C4 likely G19
    O1-Org = eeg . ask
  `,
  ),
  file(
    'typing',
    `
    O1 = eeg O1 certain
    FP 1 = eeg . ask
    fp1 = eeg Fp1 certain
    FPZ = eeg Fpz certain
      Fz   = eeg Fz certain
    F3 (uV) = eeg F3 certain
    C4 [mV] = eeg C4 certain
    'P3' = eeg P3 certain
    Fp2 - F8 = eeg Fp2-F8 certain
    P03 = eeg . ask
    0z = eeg . ask
    T1O = eeg . ask
    PO 3 = eeg . ask
    Afz = eeg AFz certain
    Fp1_ = unknown . none
    Cz? = unknown . none
  `,
  ),
  file(
    'both generations of names',
    `
    T3 = eeg . ask
    T7 = eeg T7 certain
    T4 = eeg T8 certain
    P7 = eeg P7 certain
    T5 = eeg . ask
    Fp1 = eeg Fp1 certain
    Cz = eeg Cz certain
  `,
  ),
  file(
    'only a letter and a number',
    `
    C1 = eeg . ask
    C2 = eeg . ask
    C3 = eeg . ask
    C4 = eeg . ask
    C5 = eeg . ask
    C6 = eeg . ask
    C7 = eeg . ask
    C8 = eeg . ask
  `,
  ),
  file(
    'a single run of names',
    `
    P1 = eeg . ask
    P2 = eeg . ask
    P3 = eeg . ask
    P4 = eeg . ask
  `,
  ),
  file(
    '10-5 and basal',
    `
    AFF5h = eeg AFF5h certain
    FFC1H = eeg FFC1h certain
    ppo9h = eeg PPO9h certain
    TPP8h = eeg TPP8h certain
    N1 = eeg . ask
    Nz = eeg Nz certain
    O9 = eeg . ask
    I1 = eeg I1 likely
    F9 = eeg F9 certain
    P10 = eeg P10 certain
    CCP3h = eeg CCP3h certain
    POO7 = eeg POO7 certain
    Cb1 = eeg CB1 certain
    cb2 = eeg CB2 certain
    F11 = unknown . none
    FT11 = unknown . none
  `,
  ),
  file(
    'intracranial beside the scalp',
    `
    Fp1 = eeg Fp1 certain
    Cz = eeg Cz certain
    O1 = eeg O1 certain
    LA1 = unknown . none
    RH3 = unknown . none
    LAT1 = unknown . none
    A'1 = unknown . none
    SEEG A1 = unknown . none
    ECOG 12 = unknown . none
    T4 = eeg T8 certain
  `,
  ),
  file(
    'separate references',
    `
    Fp1 = eeg Fp1 certain
    F3 = eeg F3 certain
    C3 = eeg C3 certain
    P3 = eeg P3 certain
    O1 = eeg O1 certain
    Cz = eeg Cz certain
    A1 = eeg A1 certain
    A2 = eeg A2 certain
    A1-A2 = eeg A1-A2 certain
    VREF = eeg . ask
    GND = aux . certain
    REF = aux . certain
    CMS = aux . certain
    DRL = aux . certain
  `,
  ),
  file(
    'zero padded numbers',
    `
    01 = eeg . ask
    02 = eeg . ask
    03 = eeg . ask
    04 = eeg . ask
    16 = eeg . ask
  `,
  ),
  file(
    'EDF+ marks and edges',
    `
    EDF Annotations = annotations . certain
    BDF Annotations = annotations . certain
    Status = trigger . certain
    EEG = eeg . none
    ECG = ecg . certain
    EOG = eog . certain
    EEG Fp1:A2 = eeg Fp1 likely A2
    EEG C3/A2 = eeg C3 certain A2
    EEG FP2–F8 = eeg Fp2-F8 certain
    EEG T4-Org = eeg . ask
    F3-raw = eeg . ask
    AF3-theta = aux . certain
    EEG Fp1-Ref-0 = eeg . ask REF
    Ergo-Left = aux . likely
    Ergo-Right = aux . likely
    DIN1 = trigger . certain
    TTL 4 = trigger . certain
    GSR = aux . certain
    EEG P3-F3P = eeg . ask
    T1-T2 = eeg . ask
    A1-M2 = eeg A1-M2 likely
    C3-C3 = eeg . ask
    M1-M2 = eeg M1-M2 likely
    F7-T1 = eeg . ask
  `,
  ),
  file(
    'EEGMAT before channels were taken out',
    `
    EEG Fp1 = eeg Fp1 certain
    EEG Fp2 = eeg Fp2 certain
    EEG F3 = eeg F3 certain
    EEG T3 = eeg T7 certain
    EEG T5 = eeg P7 certain
    EEG O2 = eeg O2 certain
    EEG Cz = eeg Cz certain
    EEG A2-A1 = eeg A2-A1 certain
    ECG ECG = ecg . certain
  `,
  ),
];

function file(scheme: string, table: string): { scheme: string; cases: LabelCase[] } {
  const lines = table.split('\n').filter((line) => line.trim());
  const cases = lines.map((line): LabelCase => {
    const [, label = '', kind = '', site = '', confidence = '', reference] =
      /^ {4}(.*) = (\S+) (\S+) (\S+)(?: (\S+))?$/.exec(line) ?? [];
    return { label, kind, site: site === '.' ? null : site, confidence, reference: reference ?? null };
  });
  return { scheme, cases };
}
